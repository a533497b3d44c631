import type { ClockMode, ClockReading } from '../base/agent-clock.js';

/**
 * From this share on, an agent whose time ran out says something of the model server, which took the time, and nothing
 * of the model.
 */
export const doubtfulShare = 0.25;

/**
 * The share of the agent's time in which the server kept the model from answering: slots, failed tries and the pauses
 * after them, and the silence of the last request. The `working` clock stands still in all but the silence. Pure.
 */
export function shareKeptByServer(clock: ClockReading, mode: ClockMode): number {
  const keptMs = mode === 'wall' ? clock.slotMs + clock.retryMs + clock.silenceMs : clock.silenceMs;
  const spentMs = mode === 'wall' ? clock.wallMs : clock.workingMs;
  return spentMs <= 0 ? 0 : Math.min(1, keptMs / spentMs);
}

/** An engine that generates nothing for so long, with requests to work on, is stuck: a step of a large batch takes seconds. */
const stuckAfterMs = 30_000;

/**
 * Whether a time that ran out says something of the server rather than of the model: of what share of it the server took,
 * or that the server was stuck when it ended. The one judge of it.
 */
export function isServersTimeout(clock: ClockReading, mode: ClockMode): boolean {
  return clock.stuckMs >= stuckAfterMs || shareKeptByServer(clock, mode) >= doubtfulShare;
}
