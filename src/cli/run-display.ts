import { createLogUpdate } from 'log-update';
import { startTicker } from '../base/deadline.js';
import { safeText } from '../base/safe-text.js';
import { describeEvent } from '../job/store/describe-event.js';
import type { JobEvent } from '../record/event.js';
import { advanceProgress, startProgress } from '../report/progress/progress-state.js';
import { renderProgress } from '../report/progress/render-progress.js';
import { colourOn } from './colour.js';

/** Shows a job's events on stderr while it runs: a live display on a terminal, plain timestamped lines elsewhere. */
export interface RunDisplay extends Disposable {
  readonly show: (event: JobEvent) => void;
  /** A line about the run as a whole; never torn by the live display. */
  readonly tell: (line: string) => void;
}

const redrawEveryMs = 250;

export function openDisplay(stream: NodeJS.WriteStream = process.stderr): RunDisplay {
  return stream.isTTY ? liveDisplay(stream) : lineDisplay((text) => void stream.write(text));
}

function liveDisplay(stream: NodeJS.WriteStream): RunDisplay {
  const draw = createLogUpdate(stream);
  const paint = colourOn(stream);
  let state = startProgress(performance.now());
  let ticker: ReturnType<typeof startTicker> | undefined;
  const redraw = (): void => {
    const view = { columns: stream.columns, rows: stream.rows, nowMs: performance.now(), paint };
    draw(renderProgress(state, view));
  };
  const pause = (): void => {
    ticker?.cancel();
    ticker = undefined;
    draw.done();
  };
  const show = (event: JobEvent): void => {
    state = advanceProgress(state, event, performance.now());
    if (event.kind === 'job-start') ticker ??= startTicker(redrawEveryMs, redraw);
    if (event.kind !== 'job-end') return;
    redraw();
    pause();
  };
  return {
    show,
    tell: (line) => {
      if (ticker === undefined) stream.write(`${safeText(line, { lines: 'many' })}\n`);
      else show({ kind: 'job-note', text: line });
    },
    [Symbol.dispose]: () => {
      // What was told last, of an interrupt for instance, stays on the screen.
      if (ticker !== undefined) redraw();
      pause();
    },
  };
}

/** A line an event; `write` takes each with its line break. */
export function lineDisplay(write: (text: string) => void): RunDisplay {
  let [done, total] = [0, 0];
  const preparing = new Set<string>();
  const firstDetail = (trial: string): string | null => {
    if (preparing.has(trial)) return null;
    preparing.add(trial);
    return `${trial} image is being pulled or built (details in job.log)`;
  };
  return {
    show: (event) => {
      if (event.kind === 'job-start') [done, total] = [event.reused, event.total];
      if (event.kind === 'trial-end') done += 1;
      const line = event.kind === 'trial-detail' ? firstDetail(event.trial) : describeEvent(event);
      if (line === null) return;
      const count = event.kind === 'trial-end' ? ` (${done}/${total})` : '';
      write(`${new Date().toISOString().slice(0, 19)}Z ${safeText(line, { lines: 'many' })}${count}\n`);
    },
    tell: (line) => write(`${safeText(line, { lines: 'many' })}\n`),
    [Symbol.dispose]: () => undefined,
  };
}
