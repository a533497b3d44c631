import { describe, expect, it } from 'vitest';

import { EngineWatch } from './engine-watch.js';
import { FakeVllm } from '../../../test/doubles/vllm/fake-vllm.js';
import { followLoad, nextAdmission, type AdmissionState } from './admission.js';
import { parseServerLoad, type ServerLoad } from './metrics.js';
import { RequestSlots } from './request-slots.js';
import { parseServerAddress } from '../wire/server-address.js';

const at = (slots: number): AdmissionState => ({
  slots,
  coolDown: 0,
  preemptions: 0,
  rejections: 0,
  reason: '',
});
const calm: ServerLoad = {
  running: 16,
  waiting: 0,
  kvUsage: 0.5,
  preemptions: 0,
  rejections: 0,
  generated: 0,
};
const busy = { inUse: 16, waiting: 4 };

describe('the number of requests in flight', () => {
  it('grows by a quarter while all slots are in use and the server has room', () => {
    expect(nextAdmission(at(16), calm, busy).slots).toBe(20);
    expect(nextAdmission(at(1), { ...calm, running: 1 }, { inUse: 1, waiting: 0 }).slots).toBe(2);
    expect(nextAdmission(at(512), calm, { inUse: 512, waiting: 9 }).slots).toBe(512);
  });

  it('stays where it is while slots are free or the cache fills up', () => {
    expect(nextAdmission(at(16), calm, { inUse: 9, waiting: 0 }).slots).toBe(16);
    expect(nextAdmission(at(16), { ...calm, kvUsage: 0.85 }, busy).slots).toBe(16);
    expect(nextAdmission(at(16), { ...calm, waiting: 1 }, busy).slots).toBe(16);
  });

  it.each([
    ['requests wait', { ...calm, waiting: 5 }],
    ['requests were preempted', { ...calm, preemptions: 2 }],
    ['requests were refused, although nobody waits', { ...calm, rejections: 3 }],
    ['the KV cache is full', { ...calm, kvUsage: 0.97 }],
  ])('is cut by a quarter when %s', (_, load) => {
    expect(nextAdmission(at(16), load, busy).slots).toBe(12);
    expect(nextAdmission(at(1), load, { inUse: 1, waiting: 0 }).slots).toBe(1);
  });

  it('is cut from what is really in flight', () => {
    expect(nextAdmission(at(64), { ...calm, waiting: 5 }, { inUse: 8, waiting: 0 }).slots).toBe(6);
  });

  it('waits after a cut before it grows again', () => {
    let state = nextAdmission(at(16), { ...calm, waiting: 5 }, busy);
    const slots: number[] = [];
    for (let look = 0; look < 7; look += 1) {
      state = nextAdmission(state, calm, { inUse: state.slots, waiting: 1 });
      slots.push(state.slots);
    }
    expect(slots).toEqual([12, 12, 12, 12, 12, 15, 19]);
  });

  it('does not hold preemptions and refusals from before the job against the server', () => {
    const first = { ...at(16), preemptions: null, rejections: null };
    expect(nextAdmission(first, { ...calm, preemptions: 99, rejections: 7 }, busy).slots).toBe(20);
  });

  it.each([true, false])('follows a server, whose names are old: %s', async (oldNames) => {
    await using server = await FakeVllm.start();
    Object.assign(server.metrics, { oldNames, kvUsage: 0.99 });
    const slots = new RequestSlots(16);
    const held = await Promise.all(
      Array.from({ length: 16 }, () => slots.acquire(new AbortController().signal)),
    );
    const stop = new AbortController();
    const changes: number[] = [];
    const followed = {
      address: parseServerAddress(server.baseUrl, null),
      slots,
      engine: new EngineWatch(),
    };
    const following = followLoad(followed, {
      resizes: true,
      pollMs: 5,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'slots-change') changes.push(event.slots);
      },
    });
    await expect.poll(() => changes).toContain(12);
    stop.abort();
    await following;
    for (const slot of held) slot[Symbol.dispose]();
  });
});

describe('/metrics', () => {
  it('is summed over engines, the fullest cache counts', () => {
    const text = ['running', 'waiting']
      .flatMap((name) =>
        [0, 1].map((engine) => `vllm:num_requests_${name}{engine="${engine}"} ${engine + 2}.0`),
      )
      .concat('vllm:kv_cache_usage_perc{engine="0"} 0.25', 'vllm:kv_cache_usage_perc{engine="1"} 0.5')
      .join('\n');
    expect(parseServerLoad(`# HELP x\n${text}\n`)).toEqual({
      running: 5,
      generated: null,
      waiting: 5,
      kvUsage: 0.5,
      preemptions: 0,
      rejections: 0,
    });
  });

  it('of something else says nothing', () => {
    expect(parseServerLoad('process_cpu_seconds_total 3.4\n')).toBeNull();
    expect(parseServerLoad('<html>')).toBeNull();
  });
});

describe('request slots', () => {
  const signal = new AbortController().signal;

  it('are handed out in the order they were asked for', async () => {
    const slots = new RequestSlots(1);
    const first = await slots.acquire(signal);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      using _slot = await slots.acquire(signal);
      order.push(n);
    });
    first[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(slots.inUse).toBe(0);
  });

  it('are not lost to a waiter who gave up', async () => {
    const slots = new RequestSlots(1);
    const first = await slots.acquire(signal);
    const giveUp = new AbortController();
    const pending = slots.acquire(giveUp.signal);
    const next = slots.acquire(signal);
    giveUp.abort(new Error('gone'));
    await expect(pending).rejects.toThrow('gone');
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await next;
    expect(slots.inUse).toBe(1);
  });

  it('let more in when their number grows', async () => {
    const slots = new RequestSlots(1);
    await slots.acquire(signal);
    const pending = slots.acquire(signal);
    slots.resize(2);
    await pending;
    expect(slots.inUse).toBe(2);
  });
});
