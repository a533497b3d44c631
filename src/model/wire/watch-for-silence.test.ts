import { expect, test } from 'vitest';
import { sleep } from '../../base/deadline.js';
import { RequestFailure } from './request-failure.js';
import { watchForSilence } from './watch-for-silence.js';

const { signal } = new AbortController();

function reasonOf({ signal }: { readonly signal: AbortSignal }): unknown {
  return signal.reason instanceof RequestFailure ? signal.reason.facts : signal.reason;
}

test('a server that sends nothing is given up, and it is said that the answer had not begun', async () => {
  using watch = watchForSilence({ idleTimeoutMs: 20, signal });
  await sleep(60);
  expect(reasonOf(watch)).toEqual({ kind: 'idle', idleMs: 20, started: false });
});

test('every byte begins the silence anew, so that a long answer is no silence', async () => {
  let bytes = 0;
  using watch = watchForSilence({ idleTimeoutMs: 200, signal, onByte: () => (bytes += 1) });
  for (let step = 0; step < 10; step += 1) {
    await sleep(40);
    watch.heard();
  }
  expect(watch.signal.aborted).toBe(false);
  expect(bytes).toBe(10);
  await sleep(300);
  expect(reasonOf(watch)).toEqual({ kind: 'idle', idleMs: 200, started: true });
});

test("the caller's cancellation is told as it came, at once", () => {
  const caller = new AbortController();
  using watch = watchForSilence({ idleTimeoutMs: 10_000, signal: caller.signal });
  caller.abort('cancelled');
  expect(reasonOf(watch)).toBe('cancelled');
});

test('a watch that is over neither fires nor follows its caller', async () => {
  const caller = new AbortController();
  const watch = watchForSilence({ idleTimeoutMs: 10, signal: caller.signal });
  watch[Symbol.dispose]();
  await sleep(30);
  caller.abort();
  expect(watch.signal.aborted).toBe(false);
});

test('a limit longer than a timer can be is no limit of 1 ms', async () => {
  using watch = watchForSilence({ idleTimeoutMs: 2 ** 40, signal });
  await sleep(20);
  expect(watch.signal.aborted).toBe(false);
});

test('a server that is seen to work, or tells nothing, is given longer; one whose engine stands still is not, with the proof', async () => {
  const limits = { idleTimeoutMs: 40, longestMs: 10_000, signal };
  using working = watchForSilence({ ...limits, engineStillMs: () => 1 });
  using stuck = watchForSilence({ ...limits, engineStillMs: () => 40 });
  using mute = watchForSilence({ ...limits, engineStillMs: () => null });
  await sleep(100);
  expect(working.signal.aborted).toBe(false);
  expect(reasonOf(stuck)).toEqual({ kind: 'idle', idleMs: 40, started: false, engineStillMs: 40 });
  expect(mute.signal.aborted).toBe(false);
});

test.each([1, null])(
  'the silence of a server that is not seen to stand still has an end too',
  async (stillMs) => {
    using watch = watchForSilence({ idleTimeoutMs: 20, longestMs: 45, engineStillMs: () => stillMs, signal });
    await sleep(120);
    expect(reasonOf(watch)).toEqual({ kind: 'idle', idleMs: 40, started: false });
  },
);
