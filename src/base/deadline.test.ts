import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DeadlineReached,
  linkAbort,
  onAbort,
  openDeadline,
  sleep,
  startTicker,
  startTimer,
  waitBriefly,
} from './deadline.js';

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
);
afterEach(() => vi.useRealTimers());

/** A parent that counts the listeners it still has. */
function watchedParent(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  let count = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count -= 1;
    remove(...args);
  };
  return { controller, listeners: () => count };
}

describe('linkAbort', () => {
  test('aborts with the reason of its parent', () => {
    const parent = new AbortController();
    using link = linkAbort(parent.signal);
    expect(link.signal.aborted).toBe(false);
    parent.abort('stop');
    expect(link.signal.reason).toBe('stop');
  });

  test('is aborted from the start when its parent is', () => {
    using link = linkAbort(AbortSignal.abort('earlier'));
    expect(link.signal.reason).toBe('earlier');
  });

  test('aborts by itself and leaves its parent alone', () => {
    const parent = new AbortController();
    using link = linkAbort(parent.signal);
    link.abort('enough');
    expect([link.signal.reason, parent.signal.aborted]).toEqual(['enough', false]);
  });

  test('lets go of its parent when disposed', () => {
    const { controller, listeners } = watchedParent();
    {
      using link = linkAbort(controller.signal);
      expect([link.signal.aborted, listeners()]).toEqual([false, 1]);
    }
    expect(listeners()).toBe(0);
  });

  test('takes a hundred listeners without a warning of a leak', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    using link = linkAbort();
    for (let index = 0; index < 100; index += 1) link.signal.addEventListener('abort', () => undefined);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

describe('onAbort', () => {
  test('reacts once, with the reason, and no longer after it was disposed', () => {
    const parent = new AbortController();
    const seen: unknown[] = [];
    const gone = onAbort(parent.signal, () => seen.push('gone'));
    onAbort(parent.signal, (reason) => seen.push(reason));
    gone[Symbol.dispose]();
    parent.abort('now');
    expect(seen).toEqual(['now']);
  });

  test('reacts at once to a signal that has aborted already', () => {
    const seen: unknown[] = [];
    onAbort(AbortSignal.abort('before'), (reason) => seen.push(reason));
    expect(seen).toEqual(['before']);
  });
});

describe('openDeadline', () => {
  test('aborts with DeadlineReached at its limit and not before', () => {
    using deadline = openDeadline(1000);
    vi.advanceTimersByTime(999);
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineReached);
  });

  test('aborts earlier with the reason of its parent, and lets go of timer and parent', () => {
    const { controller, listeners } = watchedParent();
    const deadline = openDeadline(1000, controller.signal);
    controller.abort('stop');
    expect(deadline.signal.reason).toBe('stop');
    deadline[Symbol.dispose]();
    expect([vi.getTimerCount(), listeners()]).toEqual([0, 0]);
  });

  test('a limit beyond 24.8 days does not fire at once', () => {
    using deadline = openDeadline(2 ** 31 + 5000);
    vi.advanceTimersByTime(2 ** 31 + 4999);
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(deadline.signal.aborted).toBe(true);
  });
});

describe('startTimer', () => {
  test('fires once, and not when it was cancelled before', () => {
    const fired: string[] = [];
    startTimer(1000, () => fired.push('kept'));
    startTimer(1000, () => fired.push('cancelled')).cancel();
    vi.advanceTimersByTime(5000);
    expect(fired).toEqual(['kept']);
  });

  test('begins its whole time anew when restarted, before and after it has fired', () => {
    let count = 0;
    const timer = startTimer(1000, () => (count += 1));
    vi.advanceTimersByTime(900);
    timer.restart();
    vi.advanceTimersByTime(999);
    expect(count).toBe(0);
    vi.advanceTimersByTime(1);
    timer.restart();
    vi.advanceTimersByTime(1000);
    expect([count, vi.getTimerCount()]).toEqual([2, 0]);
  });

  test('begins all of more than 24.8 days anew', () => {
    let count = 0;
    const timer = startTimer(2 ** 31 + 5000, () => (count += 1));
    vi.advanceTimersByTime(2 ** 31);
    timer.restart();
    vi.advanceTimersByTime(2 ** 31 + 4999);
    expect(count).toBe(0);
    vi.advanceTimersByTime(1);
    expect(count).toBe(1);
  });
});

test('a brief wait ends with its work, however that ends, and without it when the time is up', async () => {
  const never = new Promise<void>(() => undefined);
  const waits = [Promise.resolve(), Promise.reject(new Error('away')), never].map((work) =>
    waitBriefly(1000, work),
  );
  await Promise.all(waits.slice(0, 2));
  vi.advanceTimersByTime(1000);
  await Promise.all(waits);
  expect(vi.getTimerCount()).toBe(0);
});

test('a ticker ticks until it is cancelled', () => {
  let count = 0;
  const ticker = startTicker(100, () => (count += 1));
  vi.advanceTimersByTime(350);
  ticker.cancel();
  vi.advanceTimersByTime(1000);
  expect(count).toBe(3);
});

test('sleep rejects with the reason of its signal, not with an AbortError', async () => {
  const stop = new AbortController();
  const waiting = sleep(60_000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
