import { expect, test } from 'vitest';
import { isBrokenByInfrastructure, judgeOutcome } from './outcome.js';

const facts = { reward: 1, status: 'completed', verdict: 'clean', blame: null } as const;

test('a trial whose tests ran and left a reward is scored, by what its verdict leaves of it', () => {
  expect(judgeOutcome(facts)).toEqual({ kind: 'scored', reward: 1 });
  expect(judgeOutcome({ ...facts, verdict: 'tampered' })).toEqual({ kind: 'scored', reward: 0 });
  expect(judgeOutcome({ ...facts, status: null, verdict: null })).toEqual({ kind: 'scored', reward: 1 });
});

test('a 0 of tests that never ran is no measurement; the verifier is blamed unless the record names another', () => {
  expect(judgeOutcome({ ...facts, reward: 0, status: 'bootstrap_failed' })).toEqual({
    kind: 'unmeasured',
    blame: 'verifier',
  });
  expect(judgeOutcome({ ...facts, reward: null, status: null, blame: 'task' })).toEqual({
    kind: 'unmeasured',
    blame: 'task',
  });
});

test('only an unmeasured trial that infrastructure broke is made again', () => {
  const broken = judgeOutcome({ reward: null, status: null, verdict: null, blame: 'infrastructure' });
  expect(isBrokenByInfrastructure(broken)).toBe(true);
  expect(isBrokenByInfrastructure(judgeOutcome({ ...facts, blame: 'infrastructure' }))).toBe(false);
  expect(isBrokenByInfrastructure({ kind: 'unmeasured', blame: 'task' })).toBe(false);
});
