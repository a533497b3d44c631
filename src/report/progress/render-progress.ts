import { decimal, percent } from '../../base/number/decimal.js';
import { divide, toNumber } from '../../base/number/fraction.js';
import { safeText } from '../../base/safe-text.js';
import stringWidth from 'string-width';
import { isPassing } from '../../record/reward.js';
import { endText } from '../text/end-text.js';
import type { TrialEnd } from '../../record/trial-end.js';
import { latelyMs, type ProgressState, type RunningTrial } from './progress-state.js';

/** What the display is to fit into. */
export interface ProgressView {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Colours a line; without one there are none. */
  readonly paint?: (colour: LineColour, line: string) => string;
}

export type LineColour = 'green' | 'red' | 'yellow' | 'dim';

/** A line before it is cut to the terminal's width. */
interface Line {
  readonly text: string;
  readonly colour?: LineColour;
}

/** The live display: a bar with running mean and ETA, counts, a line for each running trial, the last ends, the latest note. */
export function renderProgress(state: ProgressState, view: ProgressView): string {
  const last = state.notes.at(-1);
  const tail: Line[] = [
    ...state.lastEnds.map(endLine),
    ...(last === undefined ? [] : [{ text: `  ${last}`, colour: 'dim' } as const]),
  ];
  const room = Math.max(1, view.rows - 4 - tail.length);
  const trials = [...state.running.values()];
  const shown = trials.slice(0, room).map((trial) => ({ text: trialLine(trial, view.nowMs) }));
  const more = trials.length > room ? [{ text: `  and ${trials.length - room} more` }] : [];
  const lines: Line[] = [
    { text: barLine(state, view) },
    { text: countLine(state, view.nowMs), ...(state.paused ? { colour: 'yellow' as const } : {}) },
    ...shown,
    ...more,
    ...tail,
  ];
  return lines
    .map(({ text, colour }) => {
      const fitted = fit(text, view.columns - 1);
      return colour === undefined ? fitted : (view.paint?.(colour, fitted) ?? fitted);
    })
    .join('\n');
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
  return `[${bar}] ${state.done}/${state.total}  ${mean}  ${etaText(state, nowMs)}  ${state.job}`;
}

function countLine(state: ProgressState, nowMs: number): string {
  const { done, passed, unmeasured } = state;
  const lately = state.written.filter(({ atMs }) => atMs > nowMs - latelyMs);
  const seconds = Math.min(latelyMs, Math.max(1, nowMs - state.startedMs)) / 1000;
  const rate = lately.reduce((sum, { tokens }) => sum + tokens, 0) / seconds;
  return [
    `  ${passed} passed, ${done - passed - unmeasured} failed, ${unmeasured} without verdict`,
    renderDuration(nowMs - state.startedMs),
    ...(lately.length === 0 ? [] : [`${Math.round(rate)} tokens/s`]),
    ...(state.paused ? ['paused by hand'] : []),
  ].join('  ');
}

function endLine({ task, attempt, outcome, ending }: TrialEnd): Line {
  const [reward, blame] = outcome.kind === 'scored' ? [outcome.reward, null] : [null, outcome.blame];
  const colour = reward === null ? 'yellow' : isPassing(reward) ? 'green' : 'red';
  return { text: `  ${task} #${attempt}  ${endText({ reward, blame, ending })}`, colour };
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
