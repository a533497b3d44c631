import type { StepSummary, TrialSummary } from '../../record/trial-summary.js';
import type { LiveTrial } from '../../review/live/live-job.js';
import { readStepStory, readTrialStory, type TrialStory } from '../../review/story/trial-story.js';
import { listKeptFiles, type KeptFile } from '../../review/trial/kept-files.js';
import { readText, type TextPart } from '../../review/trial/read-text.js';
import { readTrialRecord, type TrialRecord } from '../../review/trial/sandbox-facts.js';
import { readTestReport, type ReportedTest } from '../../review/trial/test-report.js';
import { openTurns, type TurnCache } from '../../review/turns/open-turns.js';
import type { Turn, TurnNumbers, Turns } from '../../review/turns/turn.js';
import { mergeNumbers, readTurnNumbers } from '../../review/turns/turn-numbers.js';
import type { TrialPart } from '../address.js';
import { siblingsOf, type GridCell } from '../grid.js';
import type { ShelvedJob } from '../job-shelf.js';
import { findTrialPlace, type TrialPlace } from './trial-place.js';
import { rewardState, stateOf, type MarkState } from '../trial-state.js';
import { pageStarting, pagesOf, type TurnPage } from './turn-pages.js';

/** All that the page of one trial shows. What its record lacks is null or empty. */
export interface TrialData {
  readonly job: ShelvedJob;
  readonly name: string;
  readonly task: string;
  readonly state: MarkState;
  /** Of a task of several steps, those that were begun; `step` is the one whose conversation and tests are shown. */
  readonly steps: readonly ShownStep[];
  readonly step: string | null;
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

/** A step as the list of them shows it. */
export interface ShownStep {
  readonly name: string;
  /** Null while its trial runs, whose record comes last. */
  readonly state: MarkState | null;
  readonly reward: number | null;
  readonly verdict: StepSummary['verdict'];
  /** Whether it left a folder to look into. */
  readonly isThere: boolean;
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

/** Reads one trial of a job, of a task of several steps one of them; null for a name that the job does not know. */
export async function readTrialData(
  job: ShelvedJob,
  name: string,
  { step: wanted, from = 1, cache }: TrialPart & { readonly cache: TurnCache },
): Promise<TrialData | null> {
  const place = await findTrialPlace(job, name, wanted);
  if (place === null) return null;
  const { summary, running, task, dir, madeDir, step } = place;
  const isAgain = running !== null;
  return {
    job,
    name,
    task,
    state: isAgain ? 'running' : summary === null ? unfinishedState(job, name) : stateOf(summary),
    steps: shownSteps(place),
    step,
    summary: isAgain ? null : summary,
    running,
    conversation: await readConversation(place, { from, cache }),
    story: dir === null || summary === null || isAgain ? null : await readStory(dir, step),
    record: dir === null ? null : await readTrialRecord(dir, step),
    tests: madeDir === null ? [] : await readTestReport(madeDir),
    output: madeDir === null ? null : await readOutput(madeDir),
    runningOutput:
      madeDir === null || running === null ? null : await readText(madeDir, runningOutputFile, lastPart),
    files: dir === null ? [] : await listKeptFiles(dir),
    siblings: siblingsOf(job, task),
  };
}

function readStory(dir: string, step: string | null): Promise<TrialStory | null> {
  return (step === null ? readTrialStory(dir) : readStepStory(dir, step)).catch(() => null);
}

/** Recorded steps first; a step that the record does not have is under way, or its trial broke off in it. */
function shownSteps({ summary, running, steps }: TrialPlace): ShownStep[] {
  const recorded = running === null ? (summary?.steps ?? []) : [];
  const names = new Set([...recorded.map(({ name }) => name), ...steps]);
  return [...names].map((name) => {
    const known = recorded.find((one) => one.name === name) ?? null;
    const isLast = name === steps.at(-1);
    return {
      name,
      state: known !== null ? rewardState(known.reward) : running !== null && isLast ? 'running' : null,
      reward: known?.reward ?? null,
      verdict: known?.verdict ?? null,
      isThere: steps.includes(name),
    };
  });
}

function unfinishedState({ live }: ShelvedJob, name: string): MarkState {
  return live?.cancelled.has(name) === true ? 'cancelled' : 'waiting';
}

async function readConversation(
  { places, madeDir: dir }: TrialPlace,
  { from, cache }: { readonly from: number; readonly cache: TurnCache },
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
