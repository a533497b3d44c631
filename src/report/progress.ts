import { decimal, percent } from '../base/number/decimal.js';
import { add, divide, fractionOf, toNumber, type Fraction } from '../base/number/fraction.js';
import { safeText } from '../base/safe-text.js';
import stringWidth from 'string-width';
import type { JobEvent } from '../record/event.js';
import type { TrialEnd } from '../record/trial-end.js';

/** A running job as the live display shows it; made from events alone. */
export interface ProgressState {
  readonly job: string;
  readonly total: number;
  readonly done: number;
  /** Sum of rewards of the trials that are done; an absent verdict counts 0, as in the headline. */
  readonly rewardSum: Fraction;
  readonly unmeasured: number;
  /** Trials that ended since this process started, for the ETA. */
  readonly endedHere: number;
  readonly startedMs: number;
  readonly running: ReadonlyMap<string, RunningTrial>;
  readonly notes: readonly string[];
}

export interface RunningTrial {
  readonly task: string;
  readonly attempt: number;
  readonly phase: string;
  readonly turn: number;
  readonly contextTokens: number;
  readonly startedMs: number;
}

export function startProgress(nowMs: number): ProgressState {
  return {
    job: '',
    total: 0,
    done: 0,
    rewardSum: fractionOf(0),
    unmeasured: 0,
    endedHere: 0,
    startedMs: nowMs,
    running: new Map(),
    notes: [],
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
      const trial = { task, attempt, phase: 'start', turn: 0, contextTokens: 0, startedMs: nowMs };
      return { ...state, running: new Map(state.running).set(event.trial, trial) };
    }
    case 'trial-phase':
      return updateTrial(state, event.trial, { phase: event.phase });
    case 'trial-turn':
      return updateTrial(state, event.trial, event.progress);
    case 'trial-end': {
      const ended = dropTrial(countEnd(state, event.end), event.end.trial);
      return { ...ended, endedHere: state.endedHere + 1 };
    }
    case 'trial-cancelled':
      return dropTrial(state, event.trial);
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

/** What the display is to fit into. */
export interface ProgressView {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
}

/** The live display: one bar with running mean and ETA, a line for each running trial, the latest note. */
export function renderProgress(state: ProgressState, view: ProgressView): string {
  const room = Math.max(1, view.rows - 4);
  const trials = [...state.running.values()];
  const shown = trials.slice(0, room).map((trial) => trialLine(trial, view.nowMs));
  const more = trials.length > room ? [`  and ${trials.length - room} more`] : [];
  const last = state.notes.at(-1);
  const lines = [barLine(state, view), ...shown, ...more, ...(last === undefined ? [] : [`  ${last}`])];
  return lines.map((line) => fit(line, view.columns - 1)).join('\n');
}

/** `1:02:03` or `4:05`. */
export function renderDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function barLine(state: ProgressState, { columns, nowMs }: ProgressView): string {
  const width = Math.max(10, Math.min(30, columns - 70));
  const filled = state.total === 0 ? 0 : Math.round((width * state.done) / state.total);
  const bar = '#'.repeat(filled) + '-'.repeat(width - filled);
  const measured = state.done - state.unmeasured;
  const mean = measured === 0 ? 'mean –' : `mean ${percent(toNumber(divide(state.rewardSum, state.done)))} %`;
  const unmeasured = state.unmeasured === 0 ? '' : `  ${state.unmeasured} without verdict`;
  return `[${bar}] ${state.done}/${state.total}  ${mean}  ${etaText(state, nowMs)}${unmeasured}  ${state.job}`;
}

/** Remaining time if the rest goes as fast as what ended in this process; honest about not knowing. */
function etaText(state: ProgressState, nowMs: number): string {
  const left = state.total - state.done;
  if (left === 0) return 'done';
  if (state.endedHere === 0) return 'ETA ?';
  return `ETA ${renderDuration(((nowMs - state.startedMs) / state.endedHere) * left)}`;
}

function trialLine(trial: RunningTrial, nowMs: number): string {
  const tokens = trial.contextTokens === 0 ? '' : `  ${decimal(trial.contextTokens / 1000, 1)}k tokens`;
  const turn = trial.turn === 0 ? '' : `  turn ${trial.turn}`;
  const seconds = Math.round((nowMs - trial.startedMs) / 1000);
  return `  ${trial.task} #${trial.attempt}  ${trial.phase}${turn}${tokens}  ${seconds} s`;
}

/** Cuts to a width in columns; control characters of task or model origin never reach the terminal. */
function fit(line: string, columns: number): string {
  let text = '';
  let width = 0;
  for (const character of safeText(line)) {
    const next = stringWidth(character);
    if (width + next > columns) break;
    text += character;
    width += next;
  }
  return text;
}

function countEnd(state: ProgressState, { reward, outcome }: TrialEnd): ProgressState {
  return {
    ...state,
    done: state.done + 1,
    rewardSum: add(state.rewardSum, fractionOf(reward ?? 0)),
    unmeasured: state.unmeasured + (outcome.kind === 'unmeasured' ? 1 : 0),
  };
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
