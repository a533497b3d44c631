import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { StorageLimitReached, watchStorage } from './watch-storage.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function holding(diskBytes: number | null): MemorySandbox {
  const sandbox = new MemorySandbox();
  sandbox.vitals = () => Promise.resolve({ state: 'running', oomKills: 0, memoryPeakBytes: null, diskBytes });
  return sandbox;
}

describe('watchStorage', () => {
  it.each([
    ['more than the limit', 11, 10, true],
    ['just the limit', 10, 10, false],
    ['what the engine cannot tell', null, 10, false],
    ['anything, without a limit', 2 ** 40, null, false],
  ])('with %s', async (_title, diskBytes, limit, isStopped) => {
    using watch = watchStorage(holding(diskBytes), limit, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(watch.signal.aborted).toBe(isStopped);
    if (isStopped) expect(watch.signal.reason).toBeInstanceOf(StorageLimitReached);
  });

  it('sees at its last look what was written since the one before', async () => {
    const sandbox = holding(0);
    using watch = watchStorage(sandbox, 10, new AbortController().signal);
    await watch.lookNow();
    expect(watch.signal.aborted).toBe(false);
    sandbox.vitals = holding(11).vitals;
    await watch.lookNow();
    expect(watch.signal.reason).toBeInstanceOf(StorageLimitReached);
  });

  it("passes its parent's reason on and leaves no timer behind", async () => {
    const parent = new AbortController();
    const watch = watchStorage(holding(0), 10, parent.signal);
    parent.abort(new Error('stop'));
    expect(watch.signal.reason).toEqual(new Error('stop'));
    watch[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
