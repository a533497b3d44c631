import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { mostFailedTests } from '../story/failed-tests.js';
import { readTestReport } from './test-report.js';

it('tells a test whose message is odd, on its page and in the list of failures alike', async () => {
  const dir = join(temporaryDir('test-report'), 'task__1');
  try {
    mkdirSync(join(dir, 'verifier'), { recursive: true });
    const tests = `[{"name": "a", "status": "passed"}, {"name": "b", "status": "failed", "message": {}, "duration": NaN}]`;
    writeFileSync(join(dir, 'verifier/ctrf.json'), `{"results": {"tests": ${tests}}}`);
    const nothing = { message: null, durationMs: null };
    expect(await readTestReport(dir)).toEqual([
      { name: 'b', status: 'failed', ...nothing },
      { name: 'a', status: 'passed', ...nothing },
    ]);
    expect(await mostFailedTests([dir], 5)).toEqual([{ task: 'task', test: 'b', failed: 1, ran: 1 }]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
