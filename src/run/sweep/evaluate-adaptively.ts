import { sum } from '../../base/number/mean.js';
import { stepEstimates, stepGrid } from '../../score/checkpoints/step-grid.js';
import { stillInTheRunning } from '../../score/checkpoints/successive-elimination.js';
import type { ComparisonSide } from '../../score/comparison/comparison-side.js';
import type { SweepEntry } from './run-sweep.js';
import { greatest } from '../../base/number/extremes.js';

/** What the first attempts of a revision gave, and how long its agents worked for that. */
export interface AdaptiveLook {
  readonly side: ComparisonSide;
  readonly agentMs: number;
}

export interface AdaptiveTools {
  /** Brings jobs to so many attempts a task. */
  readonly evaluate: (entries: readonly SweepEntry[], attempts: number) => Promise<void>;
  /** Reads the attempts of a job up to a number, so that a sweep that is started again decides as it did. */
  readonly look: (entry: SweepEntry, attempts: number) => Promise<AdaptiveLook>;
  readonly tell: (line: string) => void;
}

/** How an adaptive sweep ended, and what a full grid of the same attempts would have cost beside it. */
export interface AdaptiveEnd {
  readonly running: readonly SweepEntry[];
  readonly trials: number;
  readonly fullTrials: number;
  readonly agentMs: number;
  /** At the mean time of the trials that were made. */
  readonly fullAgentMs: number;
}

/**
 * Successive elimination: all revisions get two attempts a task, then one more a round for those that are still in the
 * running. The truly best is dropped with at most `alpha` (src/score/checkpoints/successive-elimination.ts).
 */
export async function evaluateAdaptively(
  entries: readonly SweepEntry[],
  attempts: number,
  { evaluate, look, tell }: AdaptiveTools,
): Promise<AdaptiveEnd> {
  let running = entries;
  const last = new Map<string, AdaptiveLook>();
  for (let given = 2; given <= attempts; given += 1) {
    await evaluate(running, given);
    const looks: { label: string; side: ComparisonSide }[] = [];
    for (const entry of running) {
      const seen = await look(entry, given);
      last.set(entry.revision, seen);
      looks.push({ label: entry.revision, side: seen.side });
    }
    const kept = new Set(stillInTheRunning(stepEstimates(stepGrid(looks)), { rounds: attempts - 1 }));
    const dropped = running.filter((_, index) => !kept.has(index));
    running = running.filter((_, index) => kept.has(index));
    if (dropped.length > 0)
      tell(
        `shown to be below the best after ${given} attempts: ${dropped.map(({ revision }) => revision).join(', ')}`,
      );
    if (running.length < 2) break;
  }
  const made = [...last.values()];
  const trials = sum(made.map(({ side }) => sum([...side.tasks.values()].map((task) => task.trials))));
  const tasks = Math.max(0, greatest(made.map(({ side }) => side.tasks.size)));
  const fullTrials = Math.max(trials, tasks * attempts * entries.length);
  const agentMs = sum(made.map((seen) => seen.agentMs));
  return {
    running,
    trials,
    fullTrials,
    agentMs,
    fullAgentMs: trials === 0 ? 0 : (agentMs / trials) * fullTrials,
  };
}
