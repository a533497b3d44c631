import { ownOf } from '../base/json-value.js';
import { pValue } from '../report/comparison/comparison-text.js';
import type { Blame } from '../record/blame.js';
import type { Ending } from '../record/ending.js';
import type { VerifierStatus } from '../record/verifier-status.js';

/** What an ending means, as the end of a sentence that begins with "The agent". */
export const endingWords: Readonly<Record<Ending, string>> = {
  submitted: 'said that it was done',
  'turn-limit': 'used all its turns',
  'token-budget': 'spent its token budget',
  'context-window': 'filled the model’s context',
  'agent-timeout': 'ran out of time',
  'format-errors': 'answered in a wrong form too often',
  'model-error': 'lost the model server',
  'sandbox-error': 'lost its sandbox',
  'storage-limit': 'filled the disk it was given',
  cancelled: 'was cancelled',
  finished: 'ran to its end',
};

/** The same of an ending as a record tells it, which may be none of ours. */
export function endingText(ending: string): string {
  return ownOf(endingWords, ending) ?? 'left no word of how';
}

export const statusWords: Readonly<Record<VerifierStatus, string>> = {
  completed: 'the tests ran to their end',
  bootstrap_failed: 'the tests never started: their set-up failed',
  not_run: 'the tests were not run',
  timed_out: 'the tests ran out of time',
};

export const blameWords: Readonly<Record<Blame, string>> = {
  model: 'the model',
  task: 'the task',
  verifier: 'the tests',
  infrastructure: 'the machinery around it',
};

/** A chance as tables have it, with its letter. */
export function chanceText(p: number): string {
  const text = pValue(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}

/** Tokens of the published harness: what contexts are drawn against where a harness names no limit of its own. */
export const publishedTokenLimit = 65_536;
