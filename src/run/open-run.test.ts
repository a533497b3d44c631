import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountingEngine, openJobBench, type JobBench } from '../../test/doubles/trial-tools.js';
import { EnvironmentError, InputError } from '../base/errors.js';
import type { JobEvent } from '../record/event.js';
import type { OpenModelService } from '../model/service/open-model-service.js';
import { openRun, type RunOpeners } from './open-run.js';
import type { Surroundings } from './surroundings.js';

class ClosingEngine extends CountingEngine {
  closed = 0;

  override [Symbol.asyncDispose](): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

let bench: JobBench;
let engine: ClosingEngine;
let told: string[];
let openers: RunOpeners;
let models: { closed: number };

beforeEach(async () => {
  bench = await openJobBench(2);
  engine = new ClosingEngine();
  told = [];
  models = { closed: 0 };
  const service: OpenModelService = {
    name: 'org/m',
    kind: 'scripted',
    openTrial: () => Promise.reject(new Error('no trial is run here')),
    divergences: () => [],
    [Symbol.asyncDispose]: () => {
      models.closed += 1;
      return Promise.resolve();
    },
  };
  openers = {
    engine: () => Promise.resolve(engine),
    model: () => Promise.resolve({ service, servers: [] }),
  };
});

afterEach(() => bench[Symbol.asyncDispose]());

function surroundings(change: Partial<Surroundings> = {}): Surroundings {
  return {
    env: { XDG_CACHE_HOME: join(bench.dir, 'cache') },
    engine: null,
    resultsDir: join(bench.dir, 'results'),
    jobName: 'mine',
    signal: new AbortController().signal,
    tell: (line) => told.push(line),
    ...change,
  };
}

const nop = () => ({ datasets: [join(bench.dir, 'tasks')], attempts: 1, agent: { kind: 'nop' as const } });
const byModel = (digest: string | null = null) => ({
  ...nop(),
  agent: { kind: 'model' as const, harness: { digest }, model: { name: 'org/m' } },
});

test('plans one job for what was chosen, writes nothing before it starts, and closes the engine', async () => {
  {
    await using run = await openRun({ ...nop(), tasks: { include: ['task-1'] } }, surroundings(), openers);
    expect(run.jobs.map(({ name, tasks }) => [name, tasks.length])).toEqual([['mine', 1]]);
    expect(await readdir(bench.dir)).not.toContain('results');
    expect(engine.closed).toBe(0);
  }
  expect(engine.closed).toBe(1);
});

test('tells a misspelt key of a task that it runs, with the right one, before the first trial', async () => {
  const file = join(bench.dir, 'tasks/task-1/task.toml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('[agent]\ntimeout_sec', '[agent]\ntimout_secs'),
  );
  await using run = await openRun(nop(), surroundings(), openers);
  await run.start(() => undefined);
  expect(told).toEqual([
    expect.stringMatching(/^task-1: .*unknown key agent\.timout_secs \(did you mean agent\.timeout_sec\?\)$/),
  ]);
});

test('variables that tasks would not get end the run before the engine makes anything, with the options that help', async () => {
  const file = join(bench.dir, 'tasks/task-2/task.toml');
  const toml = await readFile(file, 'utf8');
  await writeFile(
    file,
    `${toml}[verifier.env]\nKEY = "\${JUDGE_KEY}"\nOTHER = "\${X:-y}"\n[solution.env]\nT = "\${TOKEN}"\n`,
  );
  const wanted = { message: expect.stringMatching(/task-2: verifier\.env\.KEY needs JUDGE_KEY/) as string };
  await expect(openRun(nop(), surroundings(), openers)).rejects.toMatchObject(wanted);
  const oracle = openRun({ ...nop(), agent: { kind: 'oracle' } }, surroundings(), openers);
  await expect(oracle).rejects.toMatchObject({
    hint: expect.stringMatching(/--pass-env JUDGE_KEY --pass-env TOKEN/) as string,
  });
  const env = { ...surroundings().env, JUDGE_KEY: 'k' };
  const passed = { ...nop(), trial: { passedVariables: ['JUDGE_KEY'] } };
  await using run = await openRun(passed, surroundings({ env }), openers);
  expect(run.jobs).toHaveLength(1);
});

test('makes every trial of its jobs and shows what happens', async () => {
  const events: JobEvent[] = [];
  await using run = await openRun(nop(), surroundings(), openers);
  const [report] = await run.start((event) => events.push(event));
  expect(report).toMatchObject({ name: 'mine', done: 2, total: 2 });
  expect(events.filter(({ kind }) => kind === 'trial-end')).toHaveLength(2);
  const config = JSON.parse(await readFile(join(bench.dir, 'results', 'mine', 'config.json'), 'utf8')) as {
    tbench: unknown;
  };
  expect(config.tbench).toMatchObject({ agent: 'nop', engine: { version: '0' } });
});

test('says of the harness and the model what is known once they are open, and closes the service', async () => {
  {
    await using run = await openRun(byModel(), surroundings(), openers);
    expect(run.spec.agent).toMatchObject({
      harness: { digest: expect.stringMatching(/^sha256:/) as unknown },
      model: { kind: 'scripted' },
    });
    expect(run.jobs[0]?.harness?.name).toBe('tmax');
  }
  expect(models.closed).toBe(1);
});

test('what was open is closed when a later part cannot be opened', async () => {
  const noEngine = { ...openers, engine: () => Promise.reject(new EnvironmentError('no engine')) };
  await expect(openRun(byModel(), surroundings(), noEngine)).rejects.toThrow('no engine');
  expect(models.closed).toBe(1);
  const nothing = { ...nop(), tasks: { include: ['no-such-task'] } };
  await expect(openRun(nothing, surroundings(), openers)).rejects.toBeInstanceOf(InputError);
  expect(engine.closed).toBe(1);
});

test('a harness whose text is another than asked for is refused before the model is opened', async () => {
  await expect(openRun(byModel('sha256:0'), surroundings(), openers)).rejects.toThrow('has the digest');
  expect(models.closed).toBe(0);
});

test('what is no run is refused with the key that is wrong', async () => {
  await expect(openRun({ ...nop(), attempts: 0 }, surroundings(), openers)).rejects.toThrow('attempts');
});

test('without a name the same run continues its unfinished job, or gets a name of its own', async () => {
  const place = await mkdtemp(join(tmpdir(), 'tbench-run-'));
  try {
    await using run = await openRun(nop(), surroundings({ jobName: null, resultsDir: place }), openers);
    expect(run.jobs[0]?.name).toMatch(/^\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d-\d{3}__tasks__nop$/);
  } finally {
    await rm(place, { recursive: true });
  }
});
