import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import { sweepSchema, type Sweep } from '../../record/sweep.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { openSweep, type SweepEntry, type SweepTools } from './run-sweep.js';
import { serveRevision } from './serve-revision.js';

let dir: string;
beforeEach(() => {
  dir = temporaryDir('sweep');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const forever = new AbortController().signal;

interface Asked {
  readonly dir: string;
  readonly model: string;
  readonly revisions: readonly string[];
  readonly attempts?: number;
  readonly servers?: number;
}

/** One start of `tbench sweep` with named revisions; returns what sweep.json holds. */
async function runSweep(asked: Asked, tools: SweepTools, known: Sweep | null): Promise<Sweep> {
  const request = { attempts: 1, servers: 1, version: '0', ...asked };
  const sweep = await openSweep(request, tools, known);
  await sweep.add(asked.revisions.map((revision) => ({ revision, commit: null })));
  await sweep.evaluate(sweep.entries());
  return sweepSchema.parse(JSON.parse(readFileSync(join(asked.dir, 'sweep.json'), 'utf8')));
}

/** Servers that are nothing; what is asked of them is noted. */
function noting(asked: number[]): SweepTools {
  return {
    serve: () =>
      Promise.resolve({
        baseUrl: 'http://s',
        models: [],
        command: null,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    evaluate: (_, _server, attempts) => Promise.resolve(void asked.push(attempts)),
    tell: () => undefined,
  };
}

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
      return Promise.resolve({
        baseUrl: `http://${revision}`,
        models: [],
        command: null,
        [Symbol.asyncDispose]: closed,
      });
    },
    evaluate: ({ job }: SweepEntry, { baseUrl }: { baseUrl: string }) => {
      seen.push(`${job} at ${baseUrl}`);
      mkdirSync(join(dir, job));
      writeFileSync(join(dir, job, 'result.json'), JSON.stringify({ finished_at: '2026-01-01T00:00:00Z' }));
      return Promise.resolve();
    },
    tell: () => undefined,
  };
  const request = { dir, model: 'm', revisions: ['step_1', 'step_2'] };
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
  await expect(runSweep({ ...request, model: 'other' }, tools, first)).rejects.toThrow(
    'is of m, not of other',
  );
});

it('makes trials again that infrastructure broke, though their job has ended', async () => {
  const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
  cpSync(golden, join(dir, 'step_1'), { recursive: true });
  const evaluated: string[] = [];
  const tools = {
    serve: () =>
      Promise.resolve({
        baseUrl: 'http://s',
        models: [],
        command: null,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    evaluate: ({ job }: SweepEntry) => Promise.resolve(void evaluated.push(job)),
    tell: () => undefined,
  };
  const request = { dir, model: 'm', revisions: ['step_1'], attempts: 2 };
  await runSweep(request, tools, null);
  expect(evaluated).toEqual([]);
  const file = join(dir, 'step_1', 'fix-interval-merge__2', 'result.json');
  const result = trialResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tbench = { ...result.tbench, blame: 'infrastructure' };
  writeFileSync(file, JSON.stringify({ ...result, integrity: null, tbench }));
  await runSweep(request, tools, null);
  expect(evaluated).toEqual(['step_1']);
});

/** Lists the revision that it was started for as its model. */
const server = `node -e 'require("http").createServer((q, r) => r.end(JSON.stringify({ data: [{ id: process.env.REVISION }] }))).listen(process.env.PORT, "127.0.0.1")' & wait`;

it('starts a server by a command, with the revision as a variable, and ends all it started', async () => {
  const port = await freePort();
  const request = {
    command: server,
    apiKey: null,
    revision: 'a"; rm $(x)',
    env: { ...process.env, REVISION: 'a"; rm $(x)', PORT: String(port) },
    startLimitMs: 20_000,
  };
  const logFile = join(dir, 'server.log');
  {
    await using served = await serveRevision({ ...request, port, logFile }, forever);
    expect(served.models).toEqual(['a"; rm $(x)']);
  }
  await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toThrow();
});

it('says where the log is when a server ends before it answers', async () => {
  const logFile = join(dir, 'server.log');
  const request = {
    command: 'echo no GPU; exit 3',
    apiKey: null,
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

it('goes on with other revisions when the server of one does not start, and says so in the end', async () => {
  const evaluated: string[] = [];
  const tools: SweepTools = {
    serve: (revision) =>
      revision === 'step_2'
        ? Promise.reject(new EnvironmentError('no GPU'))
        : Promise.resolve({
            baseUrl: 'http://s',
            models: [],
            command: null,
            [Symbol.asyncDispose]: () => Promise.resolve(),
          }),
    evaluate: ({ job }) => Promise.resolve(void evaluated.push(job)),
    tell: () => undefined,
  };
  const request = { dir, model: 'm', revisions: ['step_1', 'step_2', 'step_3'] };
  await expect(runSweep(request, tools, null)).rejects.toThrow('1 of 3 revisions were not evaluated: step_2');
  expect(evaluated).toEqual(['step_1', 'step_3']);
});

it('serves several at once, each in a slot of its own', async () => {
  const slots: string[] = [];
  let [open, most] = [0, 0];
  const tools: SweepTools = {
    serve: (revision, slot) => {
      slots.push(`${revision} in ${slot}`);
      most = Math.max(most, (open += 1));
      return Promise.resolve({
        baseUrl: 'http://s',
        models: [],
        command: null,
        [Symbol.asyncDispose]: () => Promise.resolve(void (open -= 1)),
      });
    },
    evaluate: () => sleep(20),
    tell: () => undefined,
  };
  await runSweep({ dir, model: 'm', revisions: ['a', 'b', 'c'], servers: 2 }, tools, null);
  expect(most).toBe(2);
  expect(slots.slice(0, 2)).toEqual(['a in 0', 'b in 1']);
});

it('continues a finished job when more attempts are asked for', async () => {
  const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
  cpSync(golden, join(dir, 'step_1'), { recursive: true });
  const asked: number[] = [];
  const tools = noting(asked);
  await runSweep({ dir, model: 'm', revisions: ['step_1'], attempts: 50 }, tools, null);
  expect(asked).toEqual([50]);
});

it('takes no server at its port for the one that it starts', async () => {
  const port = await freePort();
  const other = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const stop = new AbortController();
  const request = {
    command: 'true',
    revision: 'r',
    env: process.env,
    apiKey: null,
    startLimitMs: 20_000,
    port,
  };
  const serving = serveRevision({ ...request, logFile: join(dir, 'server.log') }, stop.signal);
  setTimeout(() => stop.abort(new Error('enough')), 700);
  await expect(serving).rejects.toThrow('enough');
  expect(existsSync(join(dir, 'server.log'))).toBe(false);
  other.close();
});

it('ends a server when the tbench that started it is killed', async () => {
  const port = await freePort();
  const module = new URL('./serve-revision.ts', import.meta.url).href;
  const request = {
    revision: 'r',
    port,
    apiKey: null,
    startLimitMs: 20_000,
    logFile: join(dir, 'server.log'),
  };
  const script = `
    const { serveRevision } = await import(${JSON.stringify(module)});
    const env = { ...process.env, REVISION: 'r', PORT: '${port}' };
    const request = { ...${JSON.stringify(request)}, env, command: ${JSON.stringify(server)} };
    await serveRevision(request, new AbortController().signal);
    console.log('up');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  expect((await fetch(`http://127.0.0.1:${port}/v1/models`)).ok).toBe(true);
  child.kill('SIGKILL');
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/v1/models`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 10_000 }).toBe(false);
}, 30_000);

it('keeps by which commands each revision was served, whatever the latest start was given', async () => {
  const servedBy = (command: string | null, evaluated: string[]): SweepTools => ({
    serve: () =>
      Promise.resolve({
        baseUrl: 'http://s',
        models: [],
        command,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    evaluate: ({ job }) => Promise.resolve(void evaluated.push(job)),
    tell: () => undefined,
  });
  const request = { dir, model: 'm', revisions: ['a', 'b', 'c', 'd'], servers: 2 };
  const first = await runSweep(request, servedBy('serve 1', []), null);
  const evaluated: string[] = [];
  await runSweep({ ...request, revisions: ['a'] }, servedBy('serve 2', evaluated), first);
  const last = await runSweep({ ...request, revisions: ['e'] }, servedBy(null, evaluated), null);
  expect(last.revisions).toMatchObject([{ revision: 'e', server_commands: [] }]);
  expect(first.revisions.map(({ server_commands: commands }) => commands)).toEqual(
    Array(4).fill(['serve 1']),
  );
  const second = await runSweep({ ...request, revisions: [] }, servedBy('serve 2', evaluated), first);
  expect(second.revisions[0]?.server_commands).toEqual(['serve 1', 'serve 2']);
});

it('passes over attempts that are whole though their job was broken off in a later round', async () => {
  const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
  cpSync(golden, join(dir, 'step_1'), { recursive: true });
  const change = (file: string, values: Record<string, unknown>): void => {
    const path = join(dir, 'step_1', file);
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...values }));
  };
  change('result.json', { finished_at: null });
  change('config.json', { n_attempts: 3 });
  rmSync(join(dir, 'step_1', 'fix-interval-merge__2'), { recursive: true });
  const asked: number[] = [];
  const tools = noting(asked);
  for (const attempts of [1, 2, 3])
    await runSweep({ dir, model: 'm', revisions: ['step_1'], attempts }, tools, null);
  expect(asked).toEqual([2, 3]);
});
