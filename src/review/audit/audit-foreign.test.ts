import { describe, expect, it } from 'vitest';
import { auditForeign } from './audit-foreign.js';

const ctrf = (passed: number, failed: number, skipped = 0): string =>
  JSON.stringify({
    results: { summary: { tests: passed + failed + skipped, passed, failed, skipped, pending: 0, other: 0 } },
  });
const nothing = { ctrf: null, testStdout: null };

describe('auditForeign', () => {
  it('finds the zeros whose tests never ran, and why', () => {
    const testStdout =
      'E: Could not get lock /var/lib/dpkg/lock-frontend\n/tests/test.sh: line 19: uvx: command not found\n';
    const audit = auditForeign({ reward: 0, ctrf: null, testStdout }, true);
    expect(audit).toMatchObject({
      status: 'bootstrap_failed',
      verdict: 'unverifiable',
      bootstrap: { cause: 'package-lock' },
    });
    expect(audit.bootstrap?.evidence).toContain('uvx: command not found');
    expect(auditForeign({ reward: 0, ...nothing }, true)).toMatchObject({
      status: 'not_run',
      verdict: 'unverifiable',
    });
  });

  it('says nothing about a job that kept nothing', () => {
    expect(auditForeign({ reward: 0, ...nothing }, false)).toMatchObject({ status: null, verdict: null });
    expect(auditForeign({ reward: 1, ...nothing }, false)).toMatchObject({ status: null, verdict: null });
  });

  it('holds a pass to its report', () => {
    expect(auditForeign({ reward: 1, ctrf: ctrf(3, 0), testStdout: null }, true).verdict).toBe('clean');
    expect(auditForeign({ reward: 1, ctrf: ctrf(3, 0, 1), testStdout: null }, true).verdict).toBe(
      'suspicious',
    );
    expect(auditForeign({ reward: 1, ctrf: ctrf(0, 0, 3), testStdout: null }, true).verdict).toBe('tampered');
    expect(auditForeign({ reward: 1, ctrf: ctrf(2, 1), testStdout: null }, true).verdict).toBe('tampered');
    expect(auditForeign({ reward: 1, ...nothing }, true).verdict).toBe('tampered');
  });

  it('accepts a zero whose tests ran, and a trial without a reward as unverifiable', () => {
    expect(auditForeign({ reward: 0, ctrf: ctrf(1, 2), testStdout: null }, true)).toMatchObject({
      status: 'completed',
      verdict: 'clean',
    });
    expect(auditForeign({ reward: null, ...nothing }, true)).toMatchObject({
      status: 'not_run',
      verdict: 'unverifiable',
    });
  });
});
