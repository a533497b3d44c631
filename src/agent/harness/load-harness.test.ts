import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadHarness } from './load-harness.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-harness-'));
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

const tmaxText = await readFile(new URL('../../../harness/tmax.yaml', import.meta.url), 'utf8');

describe('loadHarness', () => {
  test('gives tmax the published numbers', async () => {
    const harness = await loadHarness('tmax');
    expect(harness).toMatchObject({
      name: 'tmax',
      sampling: { temperature: 0.7, topP: 0.95 },
      budget: { turnTokens: 16_384, totalTokens: 65_536, whenTight: 'stop' },
      limits: { turns: 64, consecutiveFormatErrors: 64, commandTimeoutMs: 120_000, wallTimeMs: null },
      actions: { toolCalls: 'strict', run: 'first', truncated: 'execute' },
      submit: { marker: 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT', rule: 'anywhere' },
    });
    expect(harness.prompts.system.endsWith('\n')).toBe(true);
  });

  test('tells tmax-clamp from tmax by name, description and budget rule only', async () => {
    const [stop, clamp] = await Promise.all([loadHarness('tmax'), loadHarness('tmax-clamp')]);
    expect(clamp).toEqual({
      ...stop,
      name: 'tmax-clamp',
      digest: clamp.digest,
      budget: { ...stop.budget, whenTight: 'clamp' },
    });
    expect(clamp.digest).not.toBe(stop.digest);
  });

  test('gives mini-swe-agent its own rules and the same numbers', async () => {
    expect(await loadHarness('mini-swe-agent')).toMatchObject({
      prompts: { engine: 'jinja' },
      limits: { turns: 64, consecutiveFormatErrors: 64, commandTimeoutMs: 120_000 },
      actions: { run: 'all', truncated: 'reject' },
      formatErrors: { reply: 'drop', role: 'user' },
      submit: { rule: 'first-line' },
      shell: { env: { PAGER: 'cat' } },
    });
  });

  test('names the digest of the text it read', async () => {
    const path = await write('mine.yaml', tmaxText);
    const digest = createHash('sha256').update(tmaxText).digest('hex');
    expect((await loadHarness(path)).digest).toBe(`sha256:${digest}`);
  });

  test('suggests the near name for one that is not there', async () => {
    await expect(loadHarness('tmx')).rejects.toThrow('did you mean tmax?');
  });

  test.each([
    [
      'prompts',
      'strip_task: true',
      'strip_tsk: true',
      'unknown key prompts.strip_tsk (did you mean prompts.strip_task?)',
    ],
    ['the top level', 'sampling:', 'samplings:', 'unknown key samplings'],
    [
      'the observation',
      'max_chars: 10000',
      'max_char: 10000',
      'unknown key observation.max_char (did you mean observation.max_chars?)',
    ],
  ])('refuses an unknown key in %s', async (_place, before, after, message) => {
    const path = await write('odd.yaml', tmaxText.replace(before, after));
    await expect(loadHarness(path)).rejects.toThrow(message);
  });

  test('names file and key of a wrong value', async () => {
    const path = await write('odd.yaml', tmaxText.replace('when_tight: stop', 'when_tight: squeeze'));
    await expect(loadHarness(path)).rejects.toThrow(/odd\.yaml: budget\.when_tight: /);
  });

  test('names the line of a YAML mistake', async () => {
    await expect(loadHarness(await write('odd.yaml', 'name: [a\n'))).rejects.toThrow(/line 2|line 1/);
  });

  test('takes a Tmax prompt file with everything else as in tmax.yaml', async () => {
    const path = await write(
      'prompts.yaml',
      [
        'system_template: |',
        '  Be brief.',
        'instance_template: |',
        '  Do: {{task}}',
        'observation:',
        '  max_chars: 100',
        '  head_chars: 10',
        '  tail_chars: 20',
        '  too_long_hint: Too long.',
        'format_error_template: "Wrong: {{error}}"',
      ].join('\n'),
    );
    const [harness, tmax] = await Promise.all([loadHarness(path), loadHarness('tmax')]);
    expect(harness).toMatchObject({
      name: 'prompts',
      prompts: { system: 'Be brief.\n', instance: 'Do: {{task}}\n', formatError: 'Wrong: {{error}}' },
      observation: { truncation: { maxChars: 100, headChars: 10, tailChars: 20, hint: 'Too long.' } },
      budget: tmax.budget,
      actions: tmax.actions,
    });
  });
});
