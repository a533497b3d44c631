import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { sweepSchema } from '../../record/sweep.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { runSweep } from './run-sweep.js';
import { serveRevision } from './serve-revision.js';

let dir: string;
beforeEach(() => {
  dir = temporaryDir('sweep');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const forever = new AbortController().signal;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('serves, evaluates and closes revision after revision, and passes over what is finished', async () => {
  const seen: string[] = [];
  const tools = {
    serve: (revision: string) => {
      seen.push(`serve ${revision}`);
      const closed = (): Promise<void> => Promise.resolve(void seen.push(`close ${revision}`));
      return Promise.resolve({ baseUrl: `http://${revision}`, [Symbol.asyncDispose]: closed });
    },
    evaluate: (job: string, baseUrl: string) => {
      seen.push(`${job} at ${baseUrl}`);
      mkdirSync(join(dir, job));
      writeFileSync(join(dir, job, 'result.json'), JSON.stringify({ finished_at: '2026-01-01T00:00:00Z' }));
      return Promise.resolve();
    },
    tell: () => undefined,
  };
  const request = { dir, model: 'm', revisions: ['step_1', 'step_2'], version: '0' };
  const first = await runSweep(request, tools, null);
  expect(seen).toEqual([
    'serve step_1',
    'step_1 at http://step_1',
    'close step_1',
    'serve step_2',
    'step_2 at http://step_2',
    'close step_2',
  ]);
  seen.length = 0;
  const second = await runSweep({ ...request, revisions: ['step_3'] }, tools, first);
  expect(seen).toEqual(['serve step_3', 'step_3 at http://step_3', 'close step_3']);
  expect(second.revisions.map(({ revision }) => revision)).toEqual(['step_1', 'step_2', 'step_3']);
  expect(sweepSchema.parse(JSON.parse(readFileSync(join(dir, 'sweep.json'), 'utf8')))).toEqual(second);
  await expect(runSweep({ ...request, model: 'other' }, tools, first)).rejects.toThrow(
    'is of m, not of other',
  );
});

it('makes trials again that infrastructure broke, though their job has ended', async () => {
  const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
  cpSync(golden, join(dir, 'step_1'), { recursive: true });
  const evaluated: string[] = [];
  const tools = {
    serve: () => Promise.resolve({ baseUrl: 'http://s', [Symbol.asyncDispose]: () => Promise.resolve() }),
    evaluate: (job: string) => Promise.resolve(void evaluated.push(job)),
    tell: () => undefined,
  };
  const request = { dir, model: 'm', revisions: ['step_1'], version: '0' };
  await runSweep(request, tools, null);
  expect(evaluated).toEqual([]);
  const file = join(dir, 'step_1', 'fix-interval-merge__2', 'result.json');
  const result = trialResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tbench = { ...result.tbench, blame: 'infrastructure' };
  writeFileSync(file, JSON.stringify({ ...result, integrity: null, tbench }));
  await runSweep(request, tools, null);
  expect(evaluated).toEqual(['step_1']);
});

const server = `node -e 'require("http").createServer((q, r) => r.end(process.env.REVISION)).listen(process.env.PORT, "127.0.0.1")' & wait`;

it('starts a server by a command, with the revision as a variable, and ends all it started', async () => {
  const port = await freePort();
  const request = {
    command: server,
    model: 'm',
    revision: 'a"; rm $(x)',
    env: process.env,
    startLimitMs: 20_000,
  };
  const logFile = join(dir, 'server.log');
  {
    await using served = await serveRevision({ ...request, port, logFile }, forever);
    expect(await (await fetch(`${served.baseUrl}/models`)).text()).toBe('a"; rm $(x)');
  }
  await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toThrow();
});

it('says where the log is when a server ends before it answers', async () => {
  const logFile = join(dir, 'server.log');
  const request = {
    command: 'echo no GPU; exit 3',
    model: 'm',
    revision: 'r',
    env: process.env,
    startLimitMs: 20_000,
  };
  const port = await freePort();
  await expect(serveRevision({ ...request, port, logFile }, forever)).rejects.toThrow(
    'the server of r ended before it answered',
  );
  expect(readFileSync(logFile, 'utf8')).toBe('no GPU\n');
});
