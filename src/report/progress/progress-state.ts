import { add, fractionOf, type Fraction } from '../../base/number/fraction.js';
import { describeControl, type ControlCommand } from '../../record/control-command.js';
import type { JobEvent } from '../../record/event.js';
import { isPassing } from '../../record/reward.js';
import type { TrialEnd } from '../../record/trial-end.js';

/** A running job as the live display shows it; made from events alone. */
export interface ProgressState {
  readonly job: string;
  readonly total: number;
  readonly done: number;
  /** Sum of rewards of the trials that are done; an absent verdict counts 0, as in the headline. */
  readonly rewardSum: Fraction;
  readonly passed: number;
  readonly unmeasured: number;
  /** Trials that ended since this process started, for the ETA. */
  readonly endedHere: number;
  readonly startedMs: number;
  readonly running: ReadonlyMap<string, RunningTrial>;
  readonly notes: readonly string[];
  /** The last ends that this process saw, newest last. */
  readonly lastEnds: readonly TrialEnd[];
  /** What the model wrote lately, oldest first. */
  readonly written: readonly Written[];
  /** By hand. */
  readonly paused: boolean;
}

/** Output tokens of one turn, and when it was over. */
export interface Written {
  readonly atMs: number;
  readonly tokens: number;
}

export interface RunningTrial {
  readonly task: string;
  readonly attempt: number;
  readonly phase: string;
  readonly turn: number;
  readonly contextTokens: number;
  /** Of all its turns; null where the server does not count. */
  readonly outputTokens: number | null;
  readonly startedMs: number;
}

export function startProgress(nowMs: number): ProgressState {
  return {
    job: '',
    total: 0,
    done: 0,
    rewardSum: fractionOf(0),
    passed: 0,
    unmeasured: 0,
    endedHere: 0,
    startedMs: nowMs,
    running: new Map(),
    notes: [],
    lastEnds: [],
    written: [],
    paused: false,
  };
}

/** The state after one more event. Pure: the clock is an argument. */
export function advanceProgress(state: ProgressState, event: JobEvent, nowMs: number): ProgressState {
  switch (event.kind) {
    case 'job-start':
      return { ...startProgress(nowMs), job: event.job, total: event.total };
    case 'trial-reused':
      return countEnd(state, event.end);
    case 'trial-start': {
      const { task, attempt } = event;
      const trial = {
        task,
        attempt,
        phase: 'start',
        turn: 0,
        contextTokens: 0,
        outputTokens: 0,
        startedMs: nowMs,
      };
      return { ...state, running: new Map(state.running).set(event.trial, trial) };
    }
    case 'trial-phase':
      return updateTrial(state, event.trial, { phase: event.phase });
    case 'trial-turn':
      return takeTurn(state, event, nowMs);
    case 'trial-end': {
      const ended = dropTrial(countEnd(state, event.end), event.end.trial);
      return { ...ended, endedHere: state.endedHere + 1, lastEnds: [...state.lastEnds, event.end].slice(-3) };
    }
    case 'trial-cancelled':
      return dropTrial(state, event.trial);
    case 'job-control':
      return note(takeControl(state, event.command), describeControl(event.command));
    case 'job-note':
      return note(state, event.text);
    case 'trial-detail':
    case 'trial-note':
      return note(state, `${event.trial}: ${event.text}`);
    case 'trial-retry':
      return note(state, `${event.trial}: try ${event.tries} failed, trying again: ${event.reason}`);
    case 'job-end':
      return state;
  }
}

function countEnd(state: ProgressState, { reward, outcome }: TrialEnd): ProgressState {
  return {
    ...state,
    done: state.done + 1,
    rewardSum: add(state.rewardSum, fractionOf(reward ?? 0)),
    passed: state.passed + (outcome.kind === 'scored' && isPassing(outcome.reward) ? 1 : 0),
    unmeasured: state.unmeasured + (outcome.kind === 'unmeasured' ? 1 : 0),
  };
}

/** For how long what was written counts as lately. */
export const latelyMs = 60_000;

function takeTurn(
  state: ProgressState,
  { trial, progress }: Extract<JobEvent, { kind: 'trial-turn' }>,
  nowMs: number,
): ProgressState {
  const { turn, contextTokens, outputTokens = null } = progress;
  const before = state.running.get(trial)?.outputTokens ?? null;
  const tokens = outputTokens === null || before === null ? 0 : Math.max(0, outputTokens - before);
  const lately = state.written.filter(({ atMs }) => atMs > nowMs - latelyMs);
  return {
    ...updateTrial(state, trial, { turn, contextTokens, outputTokens }),
    written: tokens === 0 ? lately : [...lately, { atMs: nowMs, tokens }],
  };
}

function takeControl(state: ProgressState, command: ControlCommand): ProgressState {
  const isForAll = (command.action === 'pause' || command.action === 'resume') && command.trials.length === 0;
  return isForAll ? { ...state, paused: command.action === 'pause' } : state;
}

function updateTrial(state: ProgressState, name: string, change: Partial<RunningTrial>): ProgressState {
  const trial = state.running.get(name);
  if (trial === undefined) return state;
  return { ...state, running: new Map(state.running).set(name, { ...trial, ...change }) };
}

function dropTrial(state: ProgressState, name: string): ProgressState {
  const running = new Map(state.running);
  running.delete(name);
  return { ...state, running };
}

function note(state: ProgressState, text: string): ProgressState {
  return { ...state, notes: [...state.notes.slice(-4), text.split('\n')[0] ?? ''] };
}
