import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountingEngine, openJobBench, type JobBench } from '../../../test/doubles/trial-tools.js';
import { createNop } from '../../agent/nop.js';
import { CancelledError, EnvironmentError, ImageError, SandboxError } from '../../base/errors.js';
import { runJob } from '../run-job.js';
import { diskBreaker } from './disk-breaker.js';

const forever = new AbortController().signal;
const nop = createNop('0');
let bench: JobBench;

beforeEach(async () => {
  bench = await openJobBench(8);
});
afterEach(() => bench[Symbol.asyncDispose]());

/** An engine whose sandboxes fail to start; counts how often it was asked. */
class FailingEngine extends CountingEngine {
  asked = 0;

  constructor(private readonly fail: (asked: number) => Error | null) {
    super();
  }

  override createEnvironment(
    ...call: Parameters<CountingEngine['createEnvironment']>
  ): ReturnType<CountingEngine['createEnvironment']> {
    this.asked += 1;
    const error = this.fail(this.asked);
    return error === null ? super.createEnvironment(...call) : Promise.reject(error);
  }
}

const quick = { attempts: 1, concurrency: 1, retries: 0 };

test('an engine that fails five times running ends the job with one message', async () => {
  const engine = new FailingEngine(() => new SandboxError('no cgroups'));
  const failure = runJob(bench.request({ run: quick }), bench.tools(nop, undefined, engine), forever);
  await expect(failure).rejects.toThrow(/engine failed 5 times running, the last time with: no cgroups/);
  expect(engine.asked).toBe(5);
});

test('an engine that fails now and then does not', async () => {
  const engine = new FailingEngine((asked) => (asked % 3 === 0 ? null : new SandboxError('hiccup')));
  const report = await runJob(bench.request({ run: quick }), bench.tools(nop, undefined, engine), forever);
  expect(report.done).toBe(8);
});

test('an image that is not to be had is no failure of the engine, and not tried again', async () => {
  const engine = new FailingEngine(() => new ImageError('unknown image', { isFinal: true }));
  const request = bench.request({ run: { ...quick, retries: 2 } });
  const report = await runJob(request, bench.tools(nop, undefined, engine), forever);
  expect(report.unmeasured).toHaveLength(8);
  expect(engine.asked).toBe(8);
});

test('with failFast the first trial without a verdict ends the job, its record kept', async () => {
  const engine = new FailingEngine(() => new ImageError('unknown image', { isFinal: true }));
  const request = bench.request({ run: { ...quick, failFast: true } });
  const failure = runJob(request, bench.tools(nop, undefined, engine), forever);
  await expect(failure).rejects.toThrow(
    /^task-1__1 has no verdict, and --fail-fast ends the job: unknown image/,
  );
  expect(engine.asked).toBe(1);
});

test('trials wait while the disk is nearly full, told once, and the job ends when it stays so', async () => {
  const told: string[] = [];
  const limits = { leastFreeBytes: Number.MAX_SAFE_INTEGER, leastFreeShare: 1, pollMs: 5, limitMs: 30 };
  const wait = diskBreaker([tmpdir()], (line) => told.push(line), limits);
  const both = await Promise.allSettled([wait(forever), wait(forever)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(Promise.all([wait(forever)])).rejects.toBeInstanceOf(EnvironmentError);
  expect(told.filter((line) => line.startsWith('no new trials: '))).toHaveLength(2);
});

test('a trial that is cancelled while it waits for room leaves at once, and the others go on waiting', async () => {
  const told: string[] = [];
  const limits = { leastFreeBytes: Number.MAX_SAFE_INTEGER, leastFreeShare: 1, pollMs: 5, limitMs: 60_000 };
  const wait = diskBreaker([tmpdir()], (line) => told.push(line), limits);
  const [one, other] = [new AbortController(), new AbortController()];
  const ends: string[] = [];
  const waits = [
    wait(one.signal).catch(() => ends.push('one')),
    wait(other.signal).catch(() => ends.push('other')),
  ];
  await expect.poll(() => told.length).toBe(1);
  one.abort(new CancelledError('by hand'));
  await expect.poll(() => ends).toEqual(['one']);
  // Nobody new is told that the disk is full: it is the same wait.
  await expect.poll(() => told).toHaveLength(1);
  other.abort(new CancelledError('by hand'));
  await Promise.all(waits);
  expect(ends).toEqual(['one', 'other']);
});

test('a disk with room holds nobody back, nor does a folder that is not there', async () => {
  const told: string[] = [];
  await diskBreaker([tmpdir(), '/nowhere'], (line) => told.push(line), {
    leastFreeBytes: 1,
    leastFreeShare: 1,
    pollMs: 1,
    limitMs: 1,
  })(forever);
  expect(told).toEqual([]);
});
