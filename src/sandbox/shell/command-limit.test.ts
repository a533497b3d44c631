import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkLimit, enforceLimit, supervisorLimit } from './command-limit.js';

const steps = { killAfterMs: 600, giveUpAfterMs: 8_000, giveUpAfterAbortMs: 1_500 };

describe('enforceLimit', () => {
  let seen: string[] = [];
  const command = {
    onLimit: (): void => void seen.push('limit'),
    onAbort: (): void => void seen.push('abort'),
    giveUp: (): void => void seen.push('give up'),
  };
  beforeEach(() => {
    seen = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('demands the end a little after the limit, and gives up on a command that stays', () => {
    using _limit = enforceLimit(command, { timeoutMs: 1_000 }, steps);
    vi.advanceTimersByTime(1_599);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual(['limit']);
    vi.advanceTimersByTime(7_400);
    expect(seen).toEqual(['limit', 'give up']);
  });

  it('ends a command at once when its caller aborts, and gives up on one that stays', () => {
    const caller = new AbortController();
    using _limit = enforceLimit(command, { timeoutMs: 60_000, signal: caller.signal }, steps);
    caller.abort();
    expect(seen).toEqual(['abort']);
    vi.advanceTimersByTime(1_500);
    expect(seen).toEqual(['abort', 'give up']);
  });

  it('lets go of a command that has ended', () => {
    const caller = new AbortController();
    enforceLimit(command, { timeoutMs: 1_000, signal: caller.signal }, steps)[Symbol.dispose]();
    caller.abort();
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual([]);
  });
});

describe('a limit', () => {
  it.each([0, -1, NaN])('of %s ms is refused', (timeoutMs) => {
    expect(() => checkLimit(timeoutMs)).toThrow('must be above 0');
  });

  it('never becomes shorter, or nothing, in the units of the supervisor', () => {
    expect([1, 10, 11, 120_000].map(supervisorLimit)).toEqual([1, 1, 2, 12_000]);
  });
});
