import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import type { TaskHealthcheck } from '../../dataset/healthcheck.js';
import { describeFailure } from '../failure.js';
import { HealthcheckError, waitUntilHealthy } from './healthcheck.js';

const check: TaskHealthcheck = {
  command: 'ready',
  intervalMs: 1,
  timeoutMs: 1_000,
  startPeriodMs: 0,
  startIntervalMs: 1,
  retries: 3,
};
const { signal } = new AbortController();

/** A sandbox whose check fails `failures` times and passes then. */
function failing(failures: number): MemorySandbox {
  let asked = 0;
  return new MemorySandbox({
    script: () => ({ output: 'not yet\n', exitCode: (asked += 1) > failures ? 0 : 1 }),
  });
}

describe('waitUntilHealthy', () => {
  it('asks nothing where the task has no health check', async () => {
    const sandbox = failing(0);
    await waitUntilHealthy(sandbox, null, signal);
    expect(sandbox.commands).toEqual([]);
  });

  it('asks again until the check passes', async () => {
    const sandbox = failing(2);
    await waitUntilHealthy(sandbox, check, signal);
    expect(sandbox.commands).toHaveLength(3);
  });

  it('blames the task when the check fails as often as it may, and says what it printed', async () => {
    const sandbox = failing(99);
    const error = await waitUntilHealthy(sandbox, check, signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HealthcheckError);
    expect((error as Error).message).toMatch(/failed 3 times: ready \(exit 1\) not yet/);
    expect(sandbox.commands).toHaveLength(3);
    expect(describeFailure(error).blame).toBe('task');
  });

  it('counts no failure within the start period', async () => {
    const sandbox = failing(8);
    await waitUntilHealthy(sandbox, { ...check, startPeriodMs: 60_000, retries: 1 }, signal);
    expect(sandbox.commands).toHaveLength(9);
  });

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const waiting = waitUntilHealthy(failing(99), { ...check, intervalMs: 60_000 }, stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 5);
    await expect(waiting).rejects.toThrow('enough');
  });
});
