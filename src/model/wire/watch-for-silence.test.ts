import { expect, test } from 'vitest';
import { sleep } from '../../base/deadline.js';
import { RequestFailure } from './request-failure.js';
import { watchForSilence } from './watch-for-silence.js';

const forever = new AbortController().signal;

function reasonOf({ signal }: { readonly signal: AbortSignal }): unknown {
  return signal.reason instanceof RequestFailure ? signal.reason.facts : signal.reason;
}

test('a server that sends nothing is given up, and it is said that the answer had not begun', async () => {
  using watch = watchForSilence(20, forever);
  await sleep(60);
  expect(reasonOf(watch)).toEqual({ kind: 'idle', idleMs: 20, started: false });
});

test('every byte begins the silence anew, so that a long answer is no silence', async () => {
  let bytes = 0;
  using watch = watchForSilence(200, forever, () => (bytes += 1));
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
  using watch = watchForSilence(10_000, caller.signal);
  caller.abort('cancelled');
  expect(reasonOf(watch)).toBe('cancelled');
});

test('a watch that is over neither fires nor follows its caller', async () => {
  const caller = new AbortController();
  const watch = watchForSilence(10, caller.signal);
  watch[Symbol.dispose]();
  await sleep(30);
  caller.abort();
  expect(watch.signal.aborted).toBe(false);
});

test('a limit longer than a timer can be is no limit of 1 ms', async () => {
  using watch = watchForSilence(2 ** 40, forever);
  await sleep(20);
  expect(watch.signal.aborted).toBe(false);
});
