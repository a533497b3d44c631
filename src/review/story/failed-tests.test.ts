import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { mostFailedTests } from './failed-tests.js';

const dir = temporaryDir('failed-tests');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function trial(name: string, report: unknown): string {
  const folder = join(dir, name);
  mkdirSync(join(folder, 'verifier'), { recursive: true });
  writeFileSync(
    join(folder, 'verifier', 'ctrf.json'),
    typeof report === 'string' ? report : JSON.stringify(report),
  );
  return folder;
}

const report = (tests: Readonly<Record<string, string>>) => ({
  results: { tests: Object.entries(tests).map(([name, status]) => ({ name, status })) },
});

it('counts failures by task and test, most first, and passes over what is no report', async () => {
  const folders = [
    trial('a__1', report({ one: 'failed', two: 'passed', skipped: 'skipped' })),
    trial('a__2', report({ one: 'failed', two: 'failed' })),
    trial('b__1', report({ one: 'failed', ['__proto__']: 'failed' })),
    trial('c__1', '{'),
    trial('d__1', { results: { tests: 'none' } }),
  ];
  expect(await mostFailedTests(folders, 3)).toEqual([
    { task: 'a', test: 'one', failed: 2, ran: 2 },
    { task: 'b', test: '__proto__', failed: 1, ran: 1 },
    { task: 'b', test: 'one', failed: 1, ran: 1 },
  ]);
  expect(await mostFailedTests(folders, 10)).toHaveLength(4);
});
