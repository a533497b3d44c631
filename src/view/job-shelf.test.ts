import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openJobShelf } from './job-shelf.js';

const golden = fileURLToPath(new URL('../../test/fixtures/golden-0.1.0', import.meta.url));

it('gives whoever is impatient what is read, and reads on', async () => {
  const shelf = openJobShelf(golden);
  const first = await shelf.all(0);
  expect([...first.jobs.map(({ name }) => name), ...first.waiting].sort()).toEqual(
    expect.arrayContaining(['finished', 'interrupted', 'oracle']),
  );
  expect(first.waiting.length).toBeGreaterThan(0);
  const whole = await shelf.all();
  expect(whole.waiting).toEqual([]);
  expect(shelf.reads).toBe(whole.jobs.length + whole.unread.length);
  // Nothing has changed since: what is read is not read again.
  await expect(shelf.all(0)).resolves.toMatchObject({ waiting: [] });
  expect(shelf.reads).toBe(whole.jobs.length + whole.unread.length);
});
