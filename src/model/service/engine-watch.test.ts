import { expect, it } from 'vitest';
import { EngineWatch } from './engine-watch.js';
import type { ServerLoad } from './metrics.js';

const load = (generated: number | null, running = 1): ServerLoad => ({
  running,
  waiting: 0,
  kvUsage: 0,
  preemptions: 0,
  rejections: 0,
  generated,
});

it('counts the time in which requests run and nothing is generated', () => {
  const watch = new EngineWatch();
  watch.see(load(5), 0);
  watch.see(load(9), 2000);
  expect(watch.stillMs(2500)).toBe(500);
  watch.see(load(9), 62_000);
  expect(watch.stillMs(62_000)).toBe(60_000);
  watch.see(load(10), 64_000);
  expect(watch.stillMs(64_000)).toBe(0);
});

it('does not count while no request runs, and says nothing of a server that does not tell', () => {
  const watch = new EngineWatch();
  expect(watch.stillMs(0)).toBeNull();
  watch.see(load(5, 0), 0);
  watch.see(load(5, 0), 90_000);
  expect(watch.stillMs(90_000)).toBe(0);
  watch.see(null, 92_000);
  expect(watch.stillMs(92_000)).toBeNull();
  watch.see(load(null), 94_000);
  expect(watch.stillMs(94_000)).toBeNull();
});
