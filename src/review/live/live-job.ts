import { describeControl, type ControlCommand } from '../../record/control-command.js';
import type { EventLine } from '../../record/event.js';
import type { TrialEnd } from '../../record/trial-end.js';
import type { TrialPhase } from '../../record/trial-phase.js';

/** A job as its events tell it, from its last start on. Instants ISO 8601. */
export interface LiveJob {
  readonly startedAt: string | null;
  /** When the last event happened. */
  readonly lastAt: string | null;
  readonly total: number | null;
  /** Trials that an earlier start had done. */
  readonly reused: number;
  /** Ended trials in the order they ended, reused ones first. */
  readonly ends: ReadonlyMap<string, LiveEnd>;
  readonly running: ReadonlyMap<string, LiveTrial>;
  /** Trials that were cancelled, by hand or with the job, and not begun again. */
  readonly cancelled: ReadonlySet<string>;
  /** Notes and retries, oldest first; bounded. */
  readonly notes: readonly LiveNote[];
  /** A person has paused the whole job. */
  readonly paused: boolean;
  /** The job's process said that it ends. */
  readonly ended: boolean;
}

export interface LiveEnd {
  readonly at: string;
  readonly end: TrialEnd;
}

/** A trial under way. */
export interface LiveTrial {
  readonly trial: string;
  readonly task: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly phase: TrialPhase | null;
  readonly phaseAt: string;
  /** 0 before the first turn is over. */
  readonly turn: number;
  readonly contextTokens: number | null;
  readonly contextLimit: number | null;
  /** What the agent had left of its time at an instant; null where no limit is known. See `timeLeft`. */
  readonly left: { readonly ms: number; readonly at: string } | null;
  /** A person has paused this trial, or the job. */
  readonly paused: boolean;
  /** Tries made before this one. */
  readonly failedTries: number;
}

export interface LiveNote {
  readonly at: string;
  readonly trial: string | null;
  readonly text: string;
}

export const noLiveJob: LiveJob = {
  startedAt: null,
  lastAt: null,
  total: null,
  reused: 0,
  ends: new Map(),
  running: new Map(),
  cancelled: new Set(),
  notes: [],
  paused: false,
  ended: false,
};

const mostNotes = 50;

/** The job after some more of its events. Pure. */
export function followEvents(job: LiveJob, events: readonly EventLine[]): LiveJob {
  const state: Draft = {
    ...job,
    ends: new Map(job.ends),
    running: new Map(job.running),
    cancelled: new Set(job.cancelled),
    notes: [...job.notes],
  };
  for (const event of events) {
    state.lastAt = event.at;
    take(state, event);
  }
  return { ...state, notes: state.notes.slice(-mostNotes) };
}

interface Draft {
  startedAt: string | null;
  lastAt: string | null;
  total: number | null;
  reused: number;
  ends: Map<string, LiveEnd>;
  running: Map<string, LiveTrial>;
  cancelled: Set<string>;
  notes: LiveNote[];
  paused: boolean;
  ended: boolean;
}

function take(state: Draft, event: EventLine): void {
  const { at } = event;
  switch (event.kind) {
    case 'job-start':
      Object.assign(state, { ...noLiveJob, startedAt: at, total: event.total, reused: event.reused });
      Object.assign(state, { lastAt: at, ends: new Map(), running: new Map(), notes: [] });
      state.cancelled = new Set();
      return;
    case 'job-end':
      state.ended = true;
      state.running.clear();
      return;
    case 'trial-reused':
    case 'trial-end':
      state.running.delete(event.end.trial);
      state.ends.set(event.end.trial, { at, end: event.end });
      return;
    case 'trial-cancelled':
      state.running.delete(event.trial);
      state.cancelled.add(event.trial);
      return;
    case 'trial-start': {
      const { trial, task, attempt } = event;
      state.cancelled.delete(trial);
      state.running.set(trial, {
        trial,
        task,
        attempt,
        startedAt: at,
        ...notActing(at),
        failedTries: 0,
        paused: false,
      });
      return;
    }
    case 'job-control':
      state.notes.push({ at, trial: null, text: describeControl(event.command) });
      takeControl(state, event.command, at);
      return;
    case 'job-note':
      state.notes.push({ at, trial: null, text: event.text });
      return;
    case 'trial-note':
      state.notes.push({ at, trial: event.trial, text: event.text });
      return;
    case 'trial-detail':
      return;
    default:
      takeProgress(state, event);
  }
}

function takeControl(state: Draft, command: ControlCommand, at: string): void {
  if (command.action !== 'pause' && command.action !== 'resume') return;
  const paused = command.action === 'pause';
  if (command.trials.length === 0) state.paused = paused;
  for (const [name, trial] of state.running)
    if (command.trials.length === 0 || command.trials.includes(name))
      state.running.set(name, { ...trial, paused, left: leftAt(trial, at) });
}

/** Milliseconds that the agent has left at an instant, as far as its last turn tells; null where that is not known. */
export function timeLeft({ phase, paused, left }: LiveTrial, nowMs: number): number | null {
  if (left === null || phase !== 'agent') return null;
  return paused ? left.ms : Math.max(0, left.ms - (nowMs - Date.parse(left.at)));
}

/** The same, held from that instant on. */
function leftAt(trial: LiveTrial, at: string): LiveTrial['left'] {
  const ms = timeLeft(trial, Date.parse(at));
  return ms === null ? trial.left : { ms, at };
}

/** A try before its first turn. */
function notActing(at: string) {
  return { phase: null, phaseAt: at, turn: 0, contextTokens: null, contextLimit: null, left: null };
}

type Progress = Extract<EventLine, { kind: 'trial-phase' | 'trial-turn' | 'trial-retry' }>;

function takeProgress(state: Draft, event: Progress): void {
  const trial = state.running.get(event.trial);
  if (trial === undefined) return;
  const change = (next: Partial<LiveTrial>): void =>
    void state.running.set(event.trial, { ...trial, ...next });
  if (event.kind === 'trial-phase') change({ phase: event.phase, phaseAt: event.at });
  else if (event.kind === 'trial-turn') {
    const { turn, contextTokens, contextLimit = null, spentMs, limitMs } = event.progress;
    const left = spentMs == null || limitMs == null ? null : { ms: limitMs - spentMs, at: event.at };
    change({ turn, contextTokens: turn === 0 ? null : contextTokens, contextLimit, left });
  } else {
    change({ failedTries: event.tries, ...notActing(event.at) });
    state.notes.push({
      at: event.at,
      trial: event.trial,
      text: `try ${event.tries} failed: ${event.reason}`,
    });
  }
}
