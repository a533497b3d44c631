import { trialName } from '../results/layout.js';
import type { Divergence, ModelEvent } from '../model/model-event.js';
import { withoutParser } from '../model/preflight/text-check.js';

/** One plain line for what a person should know of the server; null for what only the record keeps. */
export function describeModelEvent(event: ModelEvent): string | null {
  switch (event.kind) {
    case 'outage-start':
      return `model server ${event.baseUrl} is away (${event.message}); waiting up to ${Math.round(event.limitMs / 60_000)} min, no agent time is charged`;
    case 'outage-end':
      return `model server ${event.baseUrl} is back after ${Math.round(event.downMs / 1000)} s`;
    case 'trial-move':
      return `${event.trial} moves from ${event.from} to ${event.to}`;
    case 'hidden-tokens':
      return `${event.trial}: ${event.hidden} of the ${event.of} tokens of an answer were not given; ${withoutParser}`;
    case 'divergence':
      return `replay of ${event.divergence.task} attempt ${event.divergence.attempt}: turn ${event.divergence.turn} saw something else than the recorded trial`;
    case 'request-retry':
    case 'slots-change':
      return null;
  }
}

/** How faithful a replay was: where the sandboxes answered otherwise than when the turns were recorded. */
export function describeDivergences(divergences: readonly Divergence[]): string {
  const trials = new Set(divergences.map(({ task, attempt }) => trialName(task, attempt)));
  if (trials.size === 0) return 'replay: every observation was the recorded one';
  return `replay: ${divergences.length} turns of ${trials.size} trials saw something else than was recorded: ${[...trials].slice(0, 5).join(', ')}`;
}
