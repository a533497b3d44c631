import { describe, expect, it } from 'vitest';
import { plainEvidence } from '../../../test/doubles/evidence.js';
import { appendFailingTest, controlSkipReason, judgeControl } from './negative-control.js';

describe('negative control', () => {
  const evidence = (reward: number | null, tests: number) => ({
    ...plainEvidence(reward),
    report: { applicable: true, counts: { tests, passed: tests, failed: 0, skipped: 0, other: 0 } },
  });

  it('is fooled only where the failing test was run', () => {
    const official = evidence(1, 2);
    expect(judgeControl(evidence(1, 2), { official, collected: true }).outcome).toBe('fooled');
    expect(judgeControl(evidence(1, 3), { official, collected: false }).outcome).toBe('fooled');
    expect(judgeControl(evidence(1, 2), { official, collected: false }).outcome).toBe('inconclusive');
    expect(judgeControl(evidence(0, 3), { official, collected: true }).outcome).toBe('held');
    expect(judgeControl(evidence(null, 0), { official, collected: true }).outcome).toBe('inconclusive');
  });

  it("appends in the file's own style, before its main block", () => {
    expect(appendFailingTest('def test_a():\n    pass\n', 'ab')).toMatch(/\ndef test_final_state_ab\(\):/);
    const main = appendFailingTest(
      'import unittest\n\nif __name__ == "__main__":\n    unittest.main()\n',
      'ab',
    );
    expect(main.indexOf('TestFinalStateab')).toBeLessThan(main.indexOf('__main__'));
  });

  it.each([
    ['off', 10, 'switched off'],
    ['on', 600_000, null],
    ['sample', 600_000, 'not sampled: the tests take too long'],
  ] as const)('%s after tests of %i ms: %s', (mode, testsMs, reason) => {
    expect(controlSkipReason(mode, { testsMs, key: 'a' })).toBe(reason);
  });

  it('samples about a fifth of the passes, and the same ones again', () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `sandbox-${index}`);
    const sampled = keys.filter((key) => controlSkipReason('sample', { testsMs: 10, key }) === null);
    expect(sampled.length).toBeGreaterThan(150);
    expect(sampled.length).toBeLessThan(250);
    expect(sampled.every((key) => controlSkipReason('sample', { testsMs: 99, key }) === null)).toBe(true);
  });
});
