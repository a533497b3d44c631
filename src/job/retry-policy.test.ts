import { expect, test } from 'vitest';
import type { TrialResult } from '../record/trial-result.js';
import type { TryOutcome } from '../record/try-outcome.js';
import { nextStep } from './retry-policy.js';

const outcome = (
  blame: 'model' | 'infrastructure' | null,
  reward: number | null,
  anotherTry: TryOutcome['anotherTry'] = 'may-help',
): TryOutcome => {
  const integrity = reward === null ? null : { raw_reward: reward, status: 'completed', verdict: 'clean' };
  return { result: { integrity, tbench: { blame } } as unknown as TrialResult, anotherTry };
};

test('what infrastructure broke is made again after 2, 8 and 32 seconds, as often as allowed', () => {
  const broken = outcome('infrastructure', null);
  expect([1, 2, 3, 4].map((tries) => nextStep(broken, tries, 3))).toEqual([
    { kind: 'again', afterMs: 2_000 },
    { kind: 'again', afterMs: 8_000 },
    { kind: 'again', afterMs: 32_000 },
    { kind: 'done' },
  ]);
});

test.each([
  ['a trial with a reward', outcome(null, 0)],
  ['a reward that was there before infrastructure broke', outcome('infrastructure', 1)],
  ['a failure of the model', outcome('model', null)],
  ['a request that the server will never take', outcome('infrastructure', null, 'is-pointless')],
])('%s is not made again', (_what, tried) => {
  expect(nextStep(tried, 1, 3)).toEqual({ kind: 'done' });
});

test('a server that is gone ends the job, whatever tries are left', () => {
  expect(nextStep(outcome('infrastructure', null, 'server-gone'), 1, 3)).toEqual({ kind: 'end-job' });
});
