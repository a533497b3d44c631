import { basename, dirname, join, relative } from 'node:path';
import type { TrialSummary } from '../record/trial-summary.js';
import type { LiveTrial } from '../review/live/live-job.js';
import { readTrialStory, type TrialStory } from '../review/story/trial-story.js';
import { listKeptFiles, type KeptFile } from '../review/trial/kept-files.js';
import { readText, type TextPart } from '../review/trial/read-text.js';
import { readTrialRecord, type TrialRecord } from '../review/trial/sandbox-facts.js';
import { readTestReport, type ReportedTest } from '../review/trial/test-report.js';
import { placesOf } from '../review/turns/follow-turns.js';
import { openTurns, type TurnCache, type TurnPlaces } from '../review/turns/open-turns.js';
import type { Turn, TurnNumbers, Turns } from '../review/turns/turn.js';
import { mergeNumbers, readTurnNumbers } from '../review/turns/turn-numbers.js';
import { siblingsOf, type GridCell } from './grid.js';
import type { ShelvedJob } from './job-shelf.js';
import { trialFolder } from './trial-folder.js';
import { stateOf, type MarkState } from './trial-state.js';
import { pageStarting, pagesOf, type TurnPage } from './turn-pages.js';

/** All that the page of one trial shows. What its record lacks is null or empty. */
export interface TrialData {
  readonly job: ShelvedJob;
  readonly name: string;
  readonly task: string;
  readonly state: MarkState;
  readonly summary: TrialSummary | null;
  readonly running: LiveTrial | null;
  readonly conversation: ShownConversation | null;
  readonly story: TrialStory | null;
  readonly record: TrialRecord | null;
  readonly tests: readonly ReportedTest[];
  readonly output: TextPart | null;
  /** The end of what the command under way has printed; null where none runs, or it has printed nothing. */
  readonly runningOutput: TextPart | null;
  readonly files: readonly KeptFile[];
  readonly siblings: readonly GridCell[];
}

export interface ShownConversation {
  readonly turns: Turns;
  /** The turns of this page. */
  readonly shown: readonly Turn[];
  readonly page: TurnPage;
  readonly pages: readonly TurnPage[];
  /** Of every turn that is indexed. */
  readonly numbers: readonly TurnNumbers[];
}

const lastPart = { maxBytes: 24 * 1024, from: 'end' } as const;
/** Relative to a trial's folder. */
export const runningOutputFile = 'agent/running-output.txt';
/** A conversation up to this size is read whole for its numbers, where no small file has them. */
const readWholeBytes = 16 * 1024 * 1024;

/** A trial of a job and where it lies. */
export interface TrialPlace {
  readonly summary: TrialSummary | null;
  readonly running: LiveTrial | null;
  readonly task: string;
  /** Null where a format keeps no folder a trial. */
  readonly dir: string | null;
  readonly places: TurnPlaces;
}

/** Finds a trial among those that the job knows, so that no name leads elsewhere; null for any other name. */
export async function findTrialPlace(job: ShelvedJob, name: string): Promise<TrialPlace | null> {
  const summary = job.summary.trials.find((trial) => trial.name === name) ?? null;
  const running = job.isRunning ? (job.live?.running.get(name) ?? null) : null;
  const isUnfinished = job.summary.incomplete.includes(name) || running !== null;
  if (summary === null && !isUnfinished) return null;
  const task = summary?.task ?? running?.task ?? name.replace(/__[^_]*$/, '');
  const dir = summary === null ? join(job.dir, name) : await trialFolder(job, summary);
  return { summary, running, task, dir, places: turnPlaces(job, { dir, task }) };
}

/** Reads one trial of a job; null for a name that the job does not know. */
export async function readTrialData(
  job: ShelvedJob,
  name: string,
  { from, cache }: { readonly from: number; readonly cache: TurnCache },
): Promise<TrialData | null> {
  const found = await findTrialPlace(job, name);
  if (found === null) return null;
  const { summary, running, task, dir, places } = found;
  const isAgain = running !== null;
  return {
    job,
    name,
    task,
    state: isAgain ? 'running' : summary === null ? unfinishedState(job, name) : stateOf(summary),
    summary: isAgain ? null : summary,
    running,
    conversation: await readConversation(places, { dir, from, cache }),
    story: dir === null || summary === null || isAgain ? null : await readTrialStory(dir).catch(() => null),
    record: dir === null ? null : await readTrialRecord(dir),
    tests: dir === null ? [] : await readTestReport(dir),
    output: dir === null ? null : await readOutput(dir),
    runningOutput: dir === null || running === null ? null : await readText(dir, runningOutputFile, lastPart),
    files: dir === null ? [] : await listKeptFiles(dir),
    siblings: siblingsOf(job, task),
  };
}

function unfinishedState({ live }: ShelvedJob, name: string): MarkState {
  return live?.cancelled.has(name) === true ? 'cancelled' : 'waiting';
}

/** Where a trial's conversation may lie, in every format that is read. */
export function turnPlaces(
  job: Pick<ShelvedJob, 'dir'>,
  { dir, task }: { readonly dir: string | null; readonly task: string },
): TurnPlaces {
  if (dir === null)
    return {
      root: job.dir,
      journal: null,
      documents: [`${task}.traj.json`],
      episodes: [],
    };
  const below = relative(job.dir, dir) || '.';
  const [root, prefix] = below.startsWith('..') ? [dirname(dir), basename(dir)] : [job.dir, below];
  return placesOf(root, prefix);
}

async function readConversation(
  places: TurnPlaces,
  { dir, from, cache }: { readonly dir: string | null; readonly from: number; readonly cache: TurnCache },
): Promise<ShownConversation | null> {
  const turns = await openTurns(places, { cache, upTo: from + 100 });
  if (turns === null) return null;
  const pages = pagesOf(turns.sizes);
  const page = pageStarting(pages, from);
  const shown = await turns.read(page.from - 1, page.to - page.from + 1);
  const stored = dir === null ? [] : await readTurnNumbers(dir);
  const whole = turns.sizes.reduce((sum, size) => sum + size, 0);
  const isShort = turns.unseenBytes === 0 && whole <= readWholeBytes;
  const read = pages.length === 1 ? shown : isShort ? await turns.read(0, turns.sizes.length) : [];
  const numbers = turns.sizes.map((_, index) => {
    const own = read[index]?.numbers;
    return own === undefined ? mergeNumbers(stored[index] ?? {}) : mergeNumbers(own, stored[index]);
  });
  return {
    turns,
    page,
    pages,
    numbers,
    shown: shown.map((turn, index) => ({
      ...turn,
      numbers: mergeNumbers(turn.numbers, numbers[page.from - 1 + index]),
    })),
  };
}

async function readOutput(dir: string): Promise<TextPart | null> {
  const places = [
    'verifier/test-stdout.txt',
    'verifier/stdout.txt',
    'test_output.txt',
    'panes/post-test.txt',
  ];
  for (const path of places) {
    const part = await readText(dir, path, lastPart);
    if (part !== null) return part;
  }
  return null;
}
