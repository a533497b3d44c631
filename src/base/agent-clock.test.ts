import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgentClock } from './agent-clock.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

test('aborts when the limit is reached on the wall clock, waiting included', () => {
  using clock = new AgentClock(1000, 'wall');
  const slot = clock.suspend('slot');
  vi.advanceTimersByTime(999);
  expect(clock.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2);
  expect(clock.expired).toBe(true);
  slot[Symbol.dispose]();
});

test('an outage is charged to neither clock', () => {
  using clock = new AgentClock(1000, 'wall');
  vi.advanceTimersByTime(400);
  const outage = clock.suspend('outage');
  vi.advanceTimersByTime(60_000);
  outage[Symbol.dispose]();
  vi.advanceTimersByTime(599);
  expect(clock.expired).toBe(false);
  vi.advanceTimersByTime(2);
  expect(clock.expired).toBe(true);
  expect(clock.read()).toMatchObject({ outageMs: 60_000, wallMs: 1001 });
});

test('the working clock leaves out slots and retries', () => {
  using clock = new AgentClock(1000, 'working');
  for (const kind of ['slot', 'retry'] as const) {
    const away = clock.suspend(kind);
    vi.advanceTimersByTime(5000);
    away[Symbol.dispose]();
  }
  vi.advanceTimersByTime(500);
  expect(clock.expired).toBe(false);
  expect(clock.read()).toMatchObject({
    elapsedMs: 10_500,
    wallMs: 10_500,
    workingMs: 500,
    slotMs: 5000,
    retryMs: 5000,
  });
  vi.advanceTimersByTime(501);
  expect(clock.expired).toBe(true);
});

test('overlapping suspensions of one kind are counted once, and a handle may be disposed twice', () => {
  using clock = new AgentClock(null, 'wall');
  const [first, second] = [clock.suspend('retry'), clock.suspend('retry')];
  vi.advanceTimersByTime(100);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  vi.advanceTimersByTime(100);
  second[Symbol.dispose]();
  vi.advanceTimersByTime(100);
  expect(clock.read().retryMs).toBe(200);
});

test('a cancelled parent aborts with its own reason and is not taken for a timeout', () => {
  const parent = new AbortController();
  using clock = new AgentClock(1000, 'wall', parent.signal);
  parent.abort(new Error('stop'));
  expect(clock.signal.reason).toEqual(new Error('stop'));
  expect(clock.expired).toBe(false);
});

test('no limit never expires; a limit beyond 24.8 days does not fire at once', () => {
  using endless = new AgentClock(null, 'wall');
  using long = new AgentClock(2 ** 31 + 5000, 'wall');
  vi.advanceTimersByTime(2 ** 31 + 4000);
  expect([endless.expired, long.expired]).toEqual([false, false]);
  vi.advanceTimersByTime(2000);
  expect([endless.expired, long.expired]).toEqual([false, true]);
});
