import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openAdmission, type Need } from './admission.js';

const gib = 2 ** 30;
const host = { cpus: 4, memoryBytes: 8 * gib };

/** Work that runs until it is ended by hand, in an admission. */
function openWork(concurrency: number | 'auto', on = host) {
  const admission = openAdmission(concurrency, on);
  const running = new Map<string, () => void>();
  const begun: string[] = [];
  const add = (name: string, need: Need): void => {
    void admission.admit(need, () => {
      begun.push(name);
      return new Promise<void>((end) => running.set(name, end));
    });
  };
  const end = async (name: string): Promise<void> => {
    running.get(name)?.();
    running.delete(name);
    await new Promise((done) => setImmediate(done));
  };
  const settle = () => new Promise((done) => setImmediate(done));
  return { admission, add, end, settle, begun, running };
}

const small = { cpus: 0.5, memoryBytes: gib / 4 };

test('a count lets that many run, whatever they need', async () => {
  const work = openWork(2);
  for (const name of ['a', 'b', 'c']) work.add(name, { cpus: 99, memoryBytes: 99 * gib });
  await work.settle();
  expect(work.begun).toEqual(['a', 'b']);
  await work.end('a');
  expect(work.begun).toEqual(['a', 'b', 'c']);
});

test('auto never promises more memory than the host has beside what it needs itself', async () => {
  const work = openWork('auto');
  for (const name of ['a', 'b', 'c', 'd']) work.add(name, { cpus: 1, memoryBytes: 3 * gib });
  await work.settle();
  expect(work.begun).toEqual(['a', 'b']);
  await work.end('b');
  expect(work.begun).toEqual(['a', 'b', 'c']);
});

test('tasks of 2 GiB on a host of 4 run one after the other', async () => {
  const work = openWork('auto', { cpus: 2, memoryBytes: 4 * gib });
  for (const name of ['a', 'b']) work.add(name, { cpus: 1, memoryBytes: 2 * gib });
  await work.settle();
  expect(work.begun).toEqual(['a']);
});

test('cpus are promised twice, and not more often', async () => {
  const work = openWork('auto');
  for (let index = 0; index < 12; index += 1) work.add(String(index), { cpus: 1, memoryBytes: 1 });
  await work.settle();
  expect(work.begun).toHaveLength(8);
});

test('a trial larger than the host runs by itself', async () => {
  const work = openWork('auto');
  work.add('small', small);
  work.add('giant', { cpus: 64, memoryBytes: 512 * gib });
  await work.settle();
  expect(work.begun).toEqual(['small']);
  await work.end('small');
  expect(work.begun).toEqual(['small', 'giant']);
  work.add('later', small);
  await work.settle();
  expect(work.begun).toEqual(['small', 'giant']);
});

test('smaller ones pass one that does not fit, but not for ever', async () => {
  const work = openWork('auto');
  work.add('first', { cpus: 1, memoryBytes: 5 * gib });
  work.add('large', { cpus: 1, memoryBytes: 5 * gib });
  for (let index = 0; index < 20; index += 1) work.add(`s${index}`, small);
  await work.settle();
  for (let index = 0; index < 8; index += 1) await work.end(`s${index}`);
  expect(work.begun).not.toContain('large');
  const passed = work.begun.length;
  await work.end('s8');
  expect(work.begun).toHaveLength(passed);
  await work.end('first');
  expect(work.begun).toContain('large');
});

test('more or fewer may be allowed while they run', async () => {
  const work = openWork(1);
  for (const name of ['a', 'b', 'c']) work.add(name, small);
  await work.settle();
  work.admission.allow(3);
  await work.settle();
  expect(work.begun).toEqual(['a', 'b', 'c']);
  work.admission.allow(1);
  work.add('d', small);
  await work.end('a');
  await work.end('b');
  expect(work.begun).not.toContain('d');
  await work.end('c');
  expect(work.begun).toContain('d');
});

test('work that fails gives its room back', async () => {
  const admission = openAdmission(1, host);
  await expect(admission.admit(small, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await admission.admit(small, () => Promise.resolve(7))).toBe(7);
});

test('whatever is asked for, everything runs once and what runs together fits', async () => {
  const need = fc.record({
    cpus: fc.integer({ min: 1, max: 9 }),
    memoryBytes: fc.integer({ min: 1, max: 12 }).map((n) => n * gib),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(need, { maxLength: 30 }), async (needs) => {
      const admission = openAdmission('auto', host);
      const now = { trials: 0, memoryBytes: 0 };
      let ran = 0;
      await Promise.all(
        needs.map((one) =>
          admission.admit(one, async () => {
            now.trials += 1;
            now.memoryBytes += one.memoryBytes;
            expect(now.trials === 1 || now.memoryBytes <= host.memoryBytes - gib).toBe(true);
            await new Promise((done) => setImmediate(done));
            now.trials -= 1;
            now.memoryBytes -= one.memoryBytes;
            ran += 1;
          }),
        ),
      );
      expect(ran).toBe(needs.length);
    }),
    { numRuns: 30 },
  );
});
