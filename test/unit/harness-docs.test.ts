import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { harnessFileSchema } from '../../src/agent/harness/harness-file.js';
import { loadHarness } from '../../src/agent/harness/load-harness.js';

const docs = await readFile(new URL('../../docs/harness.md', import.meta.url), 'utf8');

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-docs-'));
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

describe('docs/harness.md', () => {
  test('shows a file that loads', async () => {
    const snippet = /```yaml\n(.*?)```/s.exec(docs)?.[1] ?? '';
    const path = join(dir, 'my-harness.yaml');
    await writeFile(path, snippet);
    expect(await loadHarness(path)).toMatchObject({
      name: 'my-harness',
      actions: { toolCalls: 'recover', truncated: 'reject' },
      formatErrors: { texts: { truncated: 'Your response was cut off.', 'no-call': 'That was no call.' } },
    });
  });

  test('names every key of a harness file', () => {
    const keys = keysOf(z.toJSONSchema(harnessFileSchema, { io: 'input' }));
    expect(keys.length).toBeGreaterThan(40);
    for (const key of keys) expect(docs).toContain(key);
  });
});

/** Every property name of a JSON Schema, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) =>
    name === 'properties'
      ? [...Object.keys(value as object), ...Object.values(value as object).flatMap(keysOf)]
      : keysOf(value),
  );
}
