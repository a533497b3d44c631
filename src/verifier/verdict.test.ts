import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../record/finding.js';
import type { TestEvidence } from '../record/evidence/test-evidence.js';
import { judge, statusOf } from './verdict.js';

/** A clean pass of a usual Terminal-Bench task; every test changes what it is about. */
const pass: TestEvidence = {
  reward: { file: 'reward.txt', text: '1\n', value: 1 },
  trace: { applicable: true, commands: 6, reward: 1 },
  report: { applicable: true, counts: { tests: 2, passed: 2, failed: 0, skipped: 0, other: 0 } },
  runner: {
    applicable: true,
    started: true,
    summary: '2 passed in 0.05s',
    passed: 2,
    failed: 0,
    errors: 0,
    rootdir_applicable: true,
    rootdir: '/tests',
  },
  bootstrap: null,
  exit_code: 0,
  timed_out: false,
  tests: { files: 2, digest: 'd', verified: true, changed: [], may_skip: false, added: 0 },
  output_bytes: 100,
  tests_ms: 1000,
};
const failed: Partial<TestEvidence> = {
  reward: { file: 'reward.txt', text: '0\n', value: 0 },
  trace: { ...pass.trace, reward: 0 },
  report: { applicable: true, counts: { tests: 2, passed: 1, failed: 1, skipped: 0, other: 0 } },
  runner: { ...pass.runner, summary: '1 failed, 1 passed in 0.05s', passed: 1, failed: 1 },
};
const noReport = { applicable: true, counts: null };
const silentRunner = { ...pass.runner, started: false, summary: null, passed: 0, rootdir: null };
const uvxMissing = {
  cause: 'tool-missing' as const,
  line: 'uvx: command not found',
  evidence: 'uvx: command not found',
};

const verdictOf = (changes: Partial<TestEvidence>, found: readonly Finding[] = []) => {
  const judged = judge({ ...pass, ...changes }, found);
  return { ...judged, codes: judged.findings.map(({ code }) => code) };
};

describe('judge', () => {
  it('calls agreeing evidence clean', () => {
    expect(verdictOf({})).toMatchObject({
      status: 'completed',
      verdict: 'clean',
      effectiveReward: 1,
      codes: [],
    });
    expect(verdictOf(failed)).toMatchObject({ status: 'completed', verdict: 'clean', effectiveReward: 0 });
  });

  it.each<[string, Partial<TestEvidence>, string]>([
    [
      'the file says 1 and the script wrote 0',
      { trace: { ...pass.trace, reward: 0 } },
      'reward-contradicts-trace',
    ],
    ['bash traced nothing', { trace: { ...pass.trace, commands: 0, reward: null } }, 'trace-missing'],
    ['the report is missing', { report: noReport }, 'report-missing'],
    [
      'no test passed',
      { report: { ...pass.report, counts: { tests: 2, passed: 0, failed: 0, skipped: 2, other: 0 } } },
      'report-without-passes',
    ],
    ['a test failed', { report: failed.report ?? pass.report }, 'report-contradicts-reward'],
    ['the runner printed no summary', { runner: { ...pass.runner, summary: null } }, 'summary-missing'],
    [
      'summary and report count differently',
      { runner: { ...pass.runner, passed: 3 } },
      'summary-contradicts-report',
    ],
    [
      'an uploaded test was changed',
      { tests: { ...pass.tests, changed: ['test_outputs.py'] } },
      'tests-changed',
    ],
    ['the tests did not arrive as sent', { tests: { ...pass.tests, verified: false } }, 'tests-not-uploaded'],
  ])('calls a pass tampered when %s', (_name, changes, code) => {
    const judged = verdictOf(changes);
    expect(judged).toMatchObject({ verdict: 'tampered', effectiveReward: 0 });
    expect(judged.codes).toContain(code);
  });

  it.each<[string, Partial<TestEvidence>, string]>([
    ['pytest climbed to the root', { runner: { ...pass.runner, rootdir: '/' } }, 'rootdir-moved'],
    ['a header is missing', { runner: { ...pass.runner, rootdir: null } }, 'rootdir-missing'],
    [
      'tests were skipped that do not say so',
      { report: { ...pass.report, counts: { tests: 3, passed: 2, failed: 0, skipped: 1, other: 0 } } },
      'report-incomplete',
    ],
  ])('keeps the score of a suspicious pass when %s', (_name, changes, code) => {
    const judged = verdictOf(changes);
    expect(judged).toMatchObject({ verdict: 'suspicious', effectiveReward: 1 });
    expect(judged.codes).toContain(code);
  });

  it('is suspicious when the reward that the script wrote is not there', () => {
    const judged = verdictOf({ reward: { file: null, text: '', value: null } });
    expect(judged).toMatchObject({ verdict: 'suspicious', effectiveReward: 0 });
    expect(judged.codes).toContain('reward-vanished');
  });

  it('holds nothing against a task that leaves no such evidence', () => {
    const bare: Partial<TestEvidence> = {
      trace: { applicable: false, commands: 3, reward: null },
      report: { applicable: false, counts: null },
      runner: { ...silentRunner, applicable: false, rootdir_applicable: false },
    };
    expect(verdictOf(bare)).toMatchObject({ status: 'completed', verdict: 'clean', effectiveReward: 1 });
    expect(verdictOf({ ...bare, reward: { file: 'reward.txt', text: '0', value: 0 } }).status).toBe(
      'completed',
    );
  });

  it('tells tests that never ran from tests that failed', () => {
    const zero = { ...failed, report: noReport, runner: silentRunner };
    expect(statusOf({ ...pass, ...zero, bootstrap: uvxMissing })).toBe('bootstrap_failed');
    expect(statusOf({ ...pass, ...zero })).toBe('not_run');
    expect(verdictOf({ ...zero, bootstrap: uvxMissing })).toMatchObject({
      verdict: 'unverifiable',
      effectiveReward: 0,
    });
    expect(statusOf({ ...pass, ...failed, report: noReport, bootstrap: uvxMissing })).toBe('completed');
  });

  it('calls tests that ran out of time, or could not be started, unverifiable', () => {
    const none = { reward: { file: null, text: null, value: null } };
    expect(verdictOf({ ...none, timed_out: true })).toMatchObject({
      status: 'timed_out',
      verdict: 'unverifiable',
    });
    expect(verdictOf({ ...none, exit_code: null })).toMatchObject({
      status: 'not_run',
      verdict: 'unverifiable',
    });
  });

  it('never lets a finding raise a reward, and scores tampered and unverifiable 0', () => {
    const finding = fc.record({
      code: fc.string(),
      severity: fc.constantFrom('note', 'warn', 'fail'),
      detail: fc.string(),
    });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(finding),
        fc.boolean(),
        (value, found, timedOut) => {
          const judged = judge(
            { ...pass, reward: { file: 'reward.txt', text: '', value }, timed_out: timedOut },
            found,
          );
          expect(judged.effectiveReward).toBeLessThanOrEqual(value);
          if (judged.verdict === 'tampered' || judged.verdict === 'unverifiable')
            expect(judged.effectiveReward).toBe(0);
          else expect(judged.effectiveReward).toBe(value);
        },
      ),
    );
  });
});
