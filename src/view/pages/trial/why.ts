import { decimal, percent } from '../../../base/number/decimal.js';
import { plural } from '../../../base/plural.js';
import { duration } from '../../../report/text/format.js';
import { verdictMeaning } from '../../../report/trial/trial-story-text.js';
import { timeLeft, type LiveTrial } from '../../../review/live/live-job.js';
import { contextAfter } from '../../../review/turns/turn.js';
import type { TrialData } from '../../trial/trial-data.js';
import { endingText } from '../../words.js';
import { whyUnmeasured } from '../job/unmeasured.js';

/** The answer to the first question, in sentences: what came of the trial and why. */
export function whySentences(data: TrialData): string[] {
  const { summary, running, state } = data;
  if (running !== null) return [runningSentence(running)];
  if (summary === null) {
    const what = state === 'cancelled' ? 'It was cancelled before it ended' : 'It was begun and not finished';
    return [`${what}. Whoever continues the job makes it again.`];
  }
  const sentences = [
    stepsSentence(data),
    state === 'none' ? `No verdict: ${whyUnmeasured(summary)}.` : testSentence(data),
    agentSentence(data),
  ];
  const share = summary.clock?.serverShare ?? null;
  if (share !== null && share >= 0.005)
    sentences.push(`For ${percent(share)} % of its time the model server kept the model waiting.`);
  return sentences.filter((sentence) => sentence !== '');
}

function runningSentence(running: LiveTrial): string {
  const left = timeLeft(running, Date.now());
  return [
    `${running.paused ? 'Paused by hand' : 'It runs'}: ${running.phase ?? 'starting'}`,
    ...(running.turn > 0 ? [`${plural(running.turn, 'turn')} over`] : []),
    ...(left === null ? [] : [`about ${duration(left)} left for the agent`]),
  ]
    .join(', ')
    .concat('.');
}

/** What the reward is made of; the sentences after it tell of the step that is shown. */
function stepsSentence({ summary, steps, step, state }: TrialData): string {
  if (step === null || state === 'none') return '';
  const each = steps.map(({ name, reward }) => `${name} ${reward ?? 'without one'}`).join(', ');
  return `The reward is ${Number(decimal(summary?.effectiveReward ?? 0, 3))}, from ${plural(steps.length, 'step')}: ${each}. Of step ${step}:`;
}

function testSentence({ tests, summary, steps, step, ...trial }: TrialData): string {
  const shown = steps.find(({ name }) => name === step);
  const state = shown?.state ?? trial.state;
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const reward = shown === undefined ? (summary?.effectiveReward ?? 0) : shown.reward;
  const raw = shown === undefined ? (summary?.reward ?? null) : shown.reward;
  const lowered =
    raw !== null && raw !== reward ? ` The reward file said ${raw}; its verdict takes that away.` : '';
  if (tests.length === 0) return `The tests gave reward ${raw ?? 'none'}.${raw === reward ? '' : lowered}`;
  if (state === 'passed')
    return `All that counts passed: ${tests.length - failed} of ${plural(tests.length, 'test')}.${lowered}`;
  return `${failed} of ${plural(tests.length, 'test')} failed.${lowered}`;
}

function agentSentence({ summary, conversation, story, step }: TrialData): string {
  const ending = step === null ? (summary?.ending ?? null) : (story?.ending ?? null);
  if (summary === null || ending === null) return '';
  const guessed = summary.endingInferred ? ' (inferred: the record does not say)' : '';
  const count = step === null ? summary.turns : (conversation?.turns.sizes.length ?? null);
  const turns = count === null ? '' : ` after ${plural(count, 'turn')}`;
  const last = conversation?.numbers.at(-1);
  const used = last === undefined ? null : contextAfter(last);
  const limit = conversation?.turns.limits.totalTokens ?? null;
  const share = used === null || limit === null ? '' : `, with ${percent(used / limit)} % of its tokens used`;
  return `The agent ${endingText(ending)}${turns}${share}${guessed}.`;
}

/** How far the verdict can be trusted: a word, and what it means or why there is none; null where nothing judged it. */
export function trustOf({ summary, story }: TrialData): readonly [word: string, meaning: string] | null {
  const verdict = summary?.verdict ?? null;
  if (verdict !== null) return [verdict, verdictMeaning[verdict]];
  const source = story?.source ?? null;
  return source?.kind === 'foreign' ? [source.audit.verdict ?? 'not judged', source.audit.reason] : null;
}
