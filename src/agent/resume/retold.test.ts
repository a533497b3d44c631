import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AgentClock } from '../../base/agent-clock.js';
import { CannotResumeError } from './cannot-resume.js';
import { retell } from './retold.js';
import type { Told } from './answer.js';

const reading = (ms: number) => ({
  ...{ elapsedMs: ms, wallMs: ms, workingMs: ms, slotMs: 0, retryMs: 0 },
  ...{ outageMs: 0, pauseMs: 0, silenceMs: 0, stuckMs: 0 },
});
const counted = (ms: number): Told => ({ kind: 'count', counted: null, clock: reading(ms) });

describe('an agent that is told again what it was told', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is charged neither the dead time nor the time of telling', () => {
    using clock = new AgentClock(60_000, 'wall');
    const retold = retell([counted(10_000), counted(25_000)], clock);
    vi.advanceTimersByTime(7_000);
    retold.next('count');
    retold.next('count');
    vi.advanceTimersByTime(3_000);
    retold.goOn();
    expect(clock.spentMs()).toBeCloseTo(25_000, -2);
    vi.advanceTimersByTime(34_000);
    expect(clock.expired).toBe(false);
    vi.advanceTimersByTime(1_500);
    expect(clock.expired).toBe(true);
  });

  it('is charged what its command ran, while nobody looked', () => {
    using clock = new AgentClock(60_000, 'wall');
    const retold = retell([counted(25_000)], clock);
    retold.next('count');
    retold.goOn(30_000);
    expect(clock.spentMs()).toBeCloseTo(55_000, -2);
  });

  it('keeps what a person paused', () => {
    using clock = new AgentClock(60_000, 'wall');
    const answer: Told = {
      kind: 'count',
      counted: null,
      clock: { ...reading(40_000), pauseMs: 15_000, wallMs: 25_000 },
    };
    const retold = retell([answer], clock);
    retold.next('count');
    retold.goOn();
    expect(clock.spentMs()).toBeCloseTo(25_000, -2);
    expect(clock.read().pauseMs).toBe(15_000);
  });

  it('is not gone on with when it asks for something else', () => {
    using clock = new AgentClock(null, 'wall');
    expect(() => retell([counted(1)], clock).next('reply')).toThrow(CannotResumeError);
  });
});
