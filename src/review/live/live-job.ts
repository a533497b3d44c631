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
      return;
    case 'trial-start': {
      const { trial, task, attempt } = event;
      const fresh = { phase: null, phaseAt: at, turn: 0, contextTokens: null, failedTries: 0, paused: false };
      state.running.set(trial, { trial, task, attempt, startedAt: at, ...fresh });
      return;
    }
    case 'job-control':
      state.notes.push({ at, trial: null, text: describeControl(event.command) });
      takeControl(state, event.command);
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

function takeControl(state: Draft, command: ControlCommand): void {
  if (command.action !== 'pause' && command.action !== 'resume') return;
  const paused = command.action === 'pause';
  if (command.trials.length === 0) state.paused = paused;
  for (const [name, trial] of state.running)
    if (command.trials.length === 0 || command.trials.includes(name))
      state.running.set(name, { ...trial, paused });
}

type Progress = Extract<EventLine, { kind: 'trial-phase' | 'trial-turn' | 'trial-retry' }>;

function takeProgress(state: Draft, event: Progress): void {
  const trial = state.running.get(event.trial);
  if (trial === undefined) return;
  const change = (next: Partial<LiveTrial>): void =>
    void state.running.set(event.trial, { ...trial, ...next });
  if (event.kind === 'trial-phase') change({ phase: event.phase, phaseAt: event.at });
  else if (event.kind === 'trial-turn')
    change({ turn: event.progress.turn, contextTokens: event.progress.contextTokens });
  else {
    change({ failedTries: event.tries, turn: 0, contextTokens: null, phase: null, phaseAt: event.at });
    state.notes.push({
      at: event.at,
      trial: event.trial,
      text: `try ${event.tries} failed: ${event.reason}`,
    });
  }
}
