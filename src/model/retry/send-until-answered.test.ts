import { describe, expect, test } from 'vitest';
import { AgentClock } from '../../base/agent-clock.js';
import type { RequestRetry } from '../chat-model.js';
import { ModelError } from '../model-error.js';
import { RequestFailure, type FailureFacts } from '../wire/request-failure.js';
import { newRequest, sendUntilAnswered, type RepeatingLine } from './send-until-answered.js';

const busy: FailureFacts = { kind: 'status', status: 429, retryAfterMs: null, body: '{"message":"busy"}' };
const tooLong: FailureFacts = {
  kind: 'status',
  status: 400,
  retryAfterMs: null,
  body: '{"error":{"message":"This model\'s maximum context length is 100 tokens."}}',
};
const refused: FailureFacts = { kind: 'connection', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' };

interface Played {
  readonly down?: readonly boolean[];
  readonly maxTries?: number;
  readonly clock?: AgentClock;
}

/** Plays failures to the repeater, then an answer. */
async function play(failures: readonly FailureFacts[], { down = [], maxTries = 3, clock }: Played = {}) {
  using own = clock ?? new AgentClock(null, 'wall');
  const seen: RequestRetry[] = [];
  const [left, downs, pending] = [[...failures], [...down], newRequest()];
  let waits = 0;
  const line: RepeatingLine = {
    policy: { maxTries, baseMs: 20, capMs: 20, retryAfterCapMs: 20 },
    baseUrl: () => 'http://server/v1',
    waitForServer: async () => void (waits += 1),
    engineStillMs: () => null,
    usualSilenceMs: () => 0,
    isServerDown: async () => downs.shift() ?? false,
    redact: (text) => text.replaceAll('secret', '***'),
    onRetry: (retry) => void seen.push(retry),
  };
  const end = await sendUntilAnswered(line, { pending, clock: own }, async () => {
    const failure = left.shift();
    if (failure !== undefined) throw new RequestFailure(failure);
    return 'answer';
  }).catch((error: unknown) => error);
  return { end, seen, waits, pending, reading: own.read() };
}

describe('a request', () => {
  test('is repeated after what may pass, and each retry is told and charged to the clock', async () => {
    const { end, seen, waits, pending, reading } = await play([busy, busy]);
    expect(end).toBe('answer');
    expect(seen).toMatchObject([
      { class: 'transient', status: 429 },
      { class: 'transient', status: 429 },
    ]);
    expect(pending.retries).toEqual(seen);
    expect(waits).toBe(3);
    expect(reading.retryMs).toBeGreaterThanOrEqual(20);
    expect(reading.outageMs).toBe(0);
  });

  test('is not repeated when the same request can only fail again', async () => {
    const { end, seen } = await play([tooLong]);
    expect(end).toBeInstanceOf(ModelError);
    expect(end).toMatchObject({ class: 'context', status: 400 });
    expect(seen).toEqual([]);
  });

  test('is given up after as many tries as the policy allows, with the server and the count', async () => {
    const { end } = await play([busy, busy, busy]);
    expect(end).toMatchObject({ class: 'transient', retries: [{ status: 429 }, { status: 429 }] });
    expect(String(end)).toMatch(/http:\/\/server\/v1: .*busy.*\(after 3 tries\)/);
  });

  test('waits out an outage, whose failures count as no try of its own', async () => {
    const { end, seen, waits, pending } = await play(
      Array.from({ length: 5 }, () => refused),
      { down: Array.from({ length: 5 }, () => true), maxTries: 2 },
    );
    expect(end).toBe('answer');
    expect(seen.map((retry) => retry.class)).toEqual(Array.from({ length: 5 }, () => 'server-down'));
    expect(pending.failures).toBe(0);
    expect(waits).toBe(6);
  });

  test('that looked like the end of a server which lives is the failure of this request', async () => {
    const { end } = await play([refused, refused], { maxTries: 2 });
    expect(end).toMatchObject({ class: 'transient' });
  });

  test('has secrets of the server’s message removed wherever it is kept', async () => {
    const { seen } = await play([{ ...busy, body: '{"message":"key secret"}' }]);
    expect(seen[0]?.message).toContain('key ***');
  });

  test('ends with the agent’s time in the middle of a pause', async () => {
    const clock = new AgentClock(10, 'wall');
    const { end, reading } = await play([{ ...busy, retryAfterMs: 60_000 }], { clock });
    expect(end).toBe(clock.signal.reason);
    expect(reading.elapsedMs).toBeLessThan(5_000);
  });

  test('lets errors that are no request’s failure through', async () => {
    using clock = new AgentClock(null, 'wall');
    const bug = new TypeError('bug');
    const line = { waitForServer: async () => undefined } as unknown as RepeatingLine;
    const sent = sendUntilAnswered(line, { pending: newRequest(), clock }, () => Promise.reject(bug));
    await expect(sent).rejects.toBe(bug);
  });
});
