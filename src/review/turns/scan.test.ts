import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { scanArray, startArrayScan } from './scan-array.js';
import { scanLines } from './scan-lines.js';

const dir = mkdtempSync(join(tmpdir(), 'tbench-scan-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function elementsOf(
  text: string,
): Promise<{ texts: string[]; roles: (string | null)[]; levels: number[] }> {
  const path = join(dir, 'file.json');
  writeFileSync(path, text);
  const bytes = Buffer.from(text);
  await using handle = await open(path);
  const scan = startArrayScan();
  await scanArray(handle, scan, { toByte: bytes.length, isEnough: () => false });
  const { elements } = scan;
  return {
    texts: elements.map(({ start, end }) => bytes.toString('utf8', start, end)),
    roles: elements.map(({ role }) => role),
    levels: elements.map(({ levels }) => levels),
  };
}

it('finds every element of any array of tables, its role and its depth, whatever its texts hold', async () => {
  const element = fc.record({
    before: fc.json(),
    role: fc.constantFrom('user', 'assistant', 'tool'),
    text: fc.string(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(element, { maxLength: 6 }),
      fc.constantFrom('[]', 'steps', 'messages'),
      fc.boolean(),
      async (list, shape, pretty) => {
        const values = list.map(({ before, role, text }) => ({
          x: JSON.parse(before) as unknown,
          content: text,
          role,
        }));
        const document =
          shape === '[]' ? values : { other: [{ role: 'no' }], note: '"[{', [shape]: values, after: [{}] };
        const found = await elementsOf(JSON.stringify(document, null, pretty ? 2 : 0));
        expect(found.texts.map((text) => JSON.parse(text) as unknown)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
        expect(found.roles).toEqual(list.map(({ role }) => role));
      },
    ),
    { numRuns: 60 },
  );
});

it('takes the role of the element itself, not of what lies in it', async () => {
  const { roles, levels } = await elementsOf('[{"a":{"role":"user"},"source":"agent"},{"role":7}]');
  expect(roles).toEqual(['agent', null]);
  expect(levels).toEqual([2, 1]);
});

it('finds nothing in what is no trajectory, and does not fall over what is cut off', async () => {
  for (const text of ['', '{}', '7', '"', '[1,2]', '{"steps":{"role":"x"}}', '[{"a":"', ']]]]{{'])
    expect((await elementsOf(text)).texts).toEqual([]);
});

it('gives whole lines only, with their beginnings', async () => {
  const path = join(dir, 'lines');
  writeFileSync(path, `first\n\n${'x'.repeat(500)}\ntorn`);
  await using handle = await open(path);
  const { size } = await handle.stat();
  const lines = await scanLines(handle, 0, size);
  expect(lines.map(({ start, end }) => [start, end])).toEqual([
    [0, 5],
    [6, 6],
    [7, 507],
  ]);
  expect(lines.map(({ head }) => head.length)).toEqual([5, 0, 160]);
});
