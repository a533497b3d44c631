import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { agentOf, CountingEngine, openJobBench, verifierOf } from '../../test/doubles/trial-tools.js';
import { CancelledError, InputError, LockedError, SandboxError } from '../base/errors.js';
import type { Ending } from '../record/ending.js';
import { ModelError } from '../model/model-error.js';
import type { Sandbox, SandboxSpec } from '../sandbox/sandbox.js';
import { continueUnfinished } from './find-unfinished.js';
import type { JobPace } from './pace.js';
import { runJob } from './run-job.js';

const forever = new AbortController().signal;
const nop = agentOf(() => 'finished');

async function readResult(dir: string, trial: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(join(dir, trial, 'result.json'), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >;
}

test('makes every attempt at every task, never more at once than asked for', async () => {
  await using bench = await openJobBench(3);
  const report = await runJob(bench.request(), bench.tools(nop), forever);
  expect(report).toMatchObject({ done: 6, total: 6, reused: 0, unmeasured: [] });
  expect(bench.engine).toMatchObject({ created: 6, open: 0 });
  expect(bench.engine.mostOpen).toBeLessThanOrEqual(2);
  const result = await readResult(report.dir, 'task-2__2');
  expect(result).toMatchObject({
    task_name: 'task-2',
    verifier_result: { rewards: { reward: 1 } },
    exception_info: null,
    tbench: { attempt: 2, ending: 'finished', blame: null },
    integrity: { verdict: 'clean' },
  });
  const totals = JSON.parse(await readFile(join(report.dir, 'result.json'), 'utf8')) as {
    finished_at: unknown;
  };
  expect(totals.finished_at).not.toBeNull();
});

test('the same job again makes nothing anew; more attempts add only what is missing', async () => {
  await using bench = await openJobBench(2);
  await runJob(bench.request(), bench.tools(nop), forever);
  expect(await runJob(bench.request(), bench.tools(nop), forever)).toMatchObject({ done: 4, reused: 4 });
  expect(bench.engine.created).toBe(4);
  expect(await runJob(bench.request({ run: { attempts: 3 } }), bench.tools(nop), forever)).toMatchObject({
    done: 6,
    reused: 4,
  });
  expect(bench.engine.created).toBe(6);
});

test('a job of other options under the same name is refused, naming the difference', async () => {
  await using bench = await openJobBench(1);
  await runJob(bench.request(), bench.tools(nop), forever);
  const other = bench.request({ run: { trial: { timeoutMultiplier: 2 } } });
  const refused = await runJob(other, bench.tools(nop), forever).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InputError);
  expect(String(refused)).toContain('timeout multiplier was 1, is now 2');
});

test('a task that cannot be run is left out with its reason', async () => {
  await using bench = await openJobBench(2);
  const [first, ...rest] = bench.dataset.tasks;
  if (first === undefined) throw new Error('no task');
  const tasks = [{ ...first, refusals: ['needs a TPU'] }, ...rest];
  const report = await runJob(bench.request({ tasks, run: { attempts: 1 } }), bench.tools(nop), forever);
  expect(report).toMatchObject({ done: 1, total: 1 });
  const text = 'task-1: left out, cannot be run: needs a TPU';
  expect(bench.events).toContainEqual({ kind: 'job-note', text });
});

test('a trial that infrastructure breaks is tried again and keeps the evidence of the first try', async () => {
  await using bench = await openJobBench(1);
  let calls = 0;
  const flaky = agentOf(() => {
    calls += 1;
    if (calls === 1) throw new SandboxError('the container vanished');
    return 'finished';
  });
  const report = await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(flaky), forever);
  expect(report.unmeasured).toEqual([]);
  const first = join(report.dir, 'task-1__1', 'tries', '1');
  expect(await readFile(join(first, 'exception.txt'), 'utf8')).toContain('the container vanished');
  expect(await readResult(report.dir, 'task-1__1')).toMatchObject({ tbench: { tries: 2, blame: null } });
});

test('a trial that infrastructure breaks for good has no reward, and the next start makes it again', async () => {
  await using bench = await openJobBench(1);
  const broken = agentOf(() => {
    throw new SandboxError('the container vanished');
  });
  const once = bench.request({ run: { attempts: 1, retries: 0 } });
  const report = await runJob(once, bench.tools(broken), forever);
  expect(report.unmeasured).toEqual(['task-1__1']);
  expect(await readResult(report.dir, 'task-1__1')).toMatchObject({
    verifier_result: null,
    exception_info: { exception_type: 'SandboxError' },
    tbench: { blame: 'infrastructure' },
  });
  expect(await runJob(once, bench.tools(nop), forever)).toMatchObject({ reused: 0, unmeasured: [] });
});

test('an agent timeout is verified and may pass', async () => {
  await using bench = await openJobBench(1);
  const report = await runJob(
    bench.request({ run: { attempts: 1 } }),
    bench.tools(agentOf(() => 'agent-timeout')),
    forever,
  );
  expect(await readResult(report.dir, 'task-1__1')).toMatchObject({
    verifier_result: { rewards: { reward: 1 } },
    exception_info: { exception_type: 'AgentTimeoutError' },
    tbench: { ending: 'agent-timeout', blame: 'model' },
  });
});

test('a sandbox over its storage limit ends the trial with that reason, and the tests still judge it', async () => {
  class FullEngine extends CountingEngine {
    override async createSandbox(spec: SandboxSpec): Promise<Sandbox> {
      const vitals = { state: 'running', oomKills: 0, memoryPeakBytes: null, diskBytes: 2 ** 31 } as const;
      return { ...(await super.createSandbox(spec)), vitals: () => Promise.resolve(vitals) };
    }
  }
  await using bench = await openJobBench(1);
  const tasks = bench.dataset.tasks.map((task) => ({
    ...task,
    environment: { ...task.environment, storageBytes: 2 ** 30 },
  }));
  const filler = agentOf(async ({ clock }) => {
    await vi.advanceTimersByTimeAsync(6_000).finally(() => vi.useRealTimers());
    return clock.signal.aborted ? 'cancelled' : 'finished';
  });
  const tools = bench.tools(filler, undefined, new FullEngine());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const report = await runJob(bench.request({ tasks, run: { attempts: 1 } }), tools, forever);
  expect(await readResult(report.dir, 'task-1__1')).toMatchObject({
    verifier_result: { rewards: { reward: 1 } },
    exception_info: { exception_type: 'StorageLimitError' },
    tbench: { ending: 'storage-limit', blame: 'model' },
  });
});

test('cancelling leaves no sandbox and no half result; the next start completes the job', async () => {
  await using bench = await openJobBench(3);
  const stop = new AbortController();
  let hung = 0;
  const hanging = agentOf(async ({ clock, task }) => {
    if (task.name === 'task-1') return 'finished';
    hung += 1;
    // The third trial starts when the first is recorded.
    if (hung === 2) setTimeout(() => stop.abort(new CancelledError('Ctrl-C')), 1);
    await new Promise((resolve) => clock.signal.addEventListener('abort', resolve, { once: true }));
    return 'cancelled';
  });
  const running = runJob(bench.request({ run: { attempts: 1 } }), bench.tools(hanging), stop.signal);
  await expect(running).rejects.toBeInstanceOf(CancelledError);
  expect(bench.engine.open).toBe(0);
  const again = await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(nop), forever);
  expect(again).toMatchObject({ done: 3, reused: 1 });
});

test('a server that stays away ends the job instead of failing every trial', async () => {
  await using bench = await openJobBench(3);
  const gone = agentOf(() => {
    throw new ModelError('no server', { class: 'server-down' });
  });
  const running = runJob(bench.request({ run: { concurrency: 1 } }), bench.tools(gone), forever);
  await expect(running).rejects.toThrow('no server');
  expect(bench.engine.created).toBe(1);
});

test('a second process on the same job is refused while the first works', async () => {
  await using bench = await openJobBench(1);
  const request = bench.request({ run: { attempts: 1 } });
  let second: unknown;
  const agent = agentOf(async (): Promise<Ending> => {
    second = await runJob(request, bench.tools(nop), forever).catch((error: unknown) => error);
    return 'finished';
  });
  await runJob(request, bench.tools(agent), forever);
  expect(second).toBeInstanceOf(LockedError);
});

test('a corrupt result is never taken for a result: the trial is made again and the file is kept', async () => {
  await using bench = await openJobBench(1);
  const request = bench.request({ run: { attempts: 1 } });
  const { dir } = await runJob(request, bench.tools(nop), forever);
  await writeFile(join(dir, 'task-1__1', 'result.json'), '{"torn');
  expect(await runJob(request, bench.tools(nop), forever)).toMatchObject({ done: 1, reused: 0 });
  expect(await readdir(join(dir, 'task-1__1', 'tries', '1'))).toContain('result.superseded.json');
});

test('a stranger in the job folder is left as it is', async () => {
  await using bench = await openJobBench(1);
  const { dir } = await runJob(bench.request(), bench.tools(nop), forever);
  await writeFile(join(dir, 'notes.txt'), 'mine');
  await runJob(bench.request(), bench.tools(nop), forever);
  expect(await readFile(join(dir, 'notes.txt'), 'utf8')).toBe('mine');
});

test('a verdict that takes a reward away shows in the reward, the raw one is kept', async () => {
  await using bench = await openJobBench(1);
  const verifier = verifierOf(1);
  const tampered = {
    ...verifier,
    verify: async (request: Parameters<typeof verifier.verify>[0]) => ({
      ...(await verifier.verify(request)),
      verdict: 'tampered' as const,
      effectiveReward: 0,
    }),
  };
  const { dir } = await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(nop, tampered), forever);
  expect(await readResult(dir, 'task-1__1')).toMatchObject({
    verifier_result: { rewards: { reward: 0 } },
    integrity: { raw_reward: 1, effective_reward: 0, verdict: 'tampered' },
  });
});

test('the same command continues the newest unfinished job, and only that', async () => {
  await using bench = await openJobBench(2);
  const named = (name: string) =>
    bench.request({ name, dir: join(bench.dir, 'results', name), run: { attempts: 1 } });
  await runJob(named('a-done'), bench.tools(nop), forever);
  const stop = new AbortController();
  const interrupted = agentOf(() => {
    stop.abort(new CancelledError('Ctrl-C'));
    return 'cancelled';
  });
  await runJob(named('b-cut'), bench.tools(interrupted), stop.signal).catch(() => undefined);
  expect((await continueUnfinished(named('c-new'))).name).toBe('b-cut');
  await runJob(named('b-cut'), bench.tools(nop), forever);
  expect((await continueUnfinished(named('c-new'))).name).toBe('c-new');
});

test('a pace orders the trials and ends the job when it has enough; a later start makes the rest', async () => {
  await using bench = await openJobBench(4);
  const ended: string[] = [];
  const pace: JobPace = {
    order: (plan) => [...plan].sort((a, b) => a.attempt - b.attempt || (a.name < b.name ? 1 : -1)),
    see: (event) => {
      if (event.kind === 'trial-end') ended.push(event.end.trial);
    },
    hasEnough: () => ended.length >= 3,
  };
  const request = bench.request({ run: { concurrency: 1 } });
  const report = await runJob(request, { ...bench.tools(nop), pace }, forever);
  expect(ended).toEqual(['task-4__1', 'task-3__1', 'task-2__1']);
  expect(report).toMatchObject({ done: 3, total: 8, unmeasured: [] });
  expect(bench.engine.open).toBe(0);
  expect(await runJob(request, bench.tools(nop), forever)).toMatchObject({ done: 8, reused: 3 });
});
