import { percent } from '../base/number/decimal.js';
import type { TrialEnd } from '../record/trial-end.js';
import type { JobStatus } from '../review/live/job-status.js';
import { timeLeft, type LiveTrial } from '../review/live/live-job.js';
import { duration, quantity } from './text/format.js';
import { renderGrid, type Column } from './text/grid.js';
import { printable, shorten } from './text/text.js';

const columns: readonly Column[] = [
  { title: 'trial', shrink: true },
  { title: 'doing' },
  { title: 'turn', align: 'right' },
  { title: 'context', align: 'right' },
  { title: 'for', align: 'right' },
  { title: 'left', align: 'right' },
];

/** Where a job stands, for a person: one line, what runs, what ended last, what went wrong. */
export function renderStatus(status: JobStatus, now: Date, width: number): string {
  const since = (at: string): string => duration(Math.max(0, now.getTime() - Date.parse(at)));
  const { running, lastEnds, problems } = status;
  const rows = running.map((trial) => [
    trial.trial,
    `${trial.paused ? 'paused in ' : ''}${trial.phase ?? 'starting'}${trial.failedTries > 0 ? `, try ${trial.failedTries + 1}` : ''}`,
    trial.turn === 0 ? '–' : String(trial.turn),
    contextOf(trial),
    since(trial.startedAt),
    leftOf(trial, now),
  ]);
  const parts = [
    headLines(status, since),
    ...(rows.length === 0 ? [] : [renderGrid(columns, rows, width)]),
    ...(lastEnds.length === 0
      ? []
      : [
          [
            'ended last:',
            ...lastEnds.map(({ at, end }) => line(at, `${end.trial} ${endText(end)}`, width)),
          ].join('\n'),
        ]),
    ...(problems.length === 0
      ? []
      : [
          [
            'notes:',
            ...problems.map(({ at, trial, text }) =>
              line(at, `${trial === null ? '' : `${trial}: `}${text}`, width),
            ),
          ].join('\n'),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** `12.3 k of 65.5 k`. */
function contextOf({ contextTokens, contextLimit }: LiveTrial): string {
  if (contextTokens === null) return '–';
  return `${quantity(contextTokens)}${contextLimit === null ? '' : ` of ${quantity(contextLimit)}`}`;
}

function leftOf(trial: LiveTrial, now: Date): string {
  const ms = timeLeft(trial, now.getTime());
  return ms === null ? '–' : duration(ms);
}

function headLines(status: JobStatus, since: (at: string) => string): string {
  const { state, ended, planned, mean, standardError } = status;
  const score =
    mean === null
      ? 'nothing has ended yet'
      : `mean ${percent(mean)} %${standardError === null ? '' : `, standard error ${percent(standardError)}`}`;
  const pace =
    status.endsPerHour === null
      ? []
      : [
          `${Math.round(status.endsPerHour)} ends an hour${status.endExpectedAt === null ? '' : `, over at about ${status.endExpectedAt.slice(0, 16).replace('T', ' ')} UTC`}`,
        ];
  return [
    `${printable(status.name)}: ${status.paused ? 'paused by hand' : state}, ${ended} of ${planned} trials ended${state === 'running' && status.startedAt !== null ? `, for ${since(status.startedAt)}` : ''}`,
    `  ${status.passed} passed, ${status.failed} did not, ${status.noVerdict} without a verdict; ${score}`,
    ...pace.map((text) => `  ${text}`),
  ].join('\n');
}

function endText({ outcome, ending }: TrialEnd): string {
  const reward = outcome.kind === 'scored' ? `reward ${outcome.reward}` : `no verdict (${outcome.blame})`;
  return `${reward}${ending === null ? '' : `, ${ending}`}`;
}

function line(at: string, text: string, width: number): string {
  return `  ${at.slice(11, 19)} ${shorten(printable(text), Math.max(20, width - 11))}`;
}
