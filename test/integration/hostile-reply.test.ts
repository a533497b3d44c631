import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FakeVllm } from '../doubles/vllm/fake-vllm.js';
import { openCliBench, runCli } from './cli.js';
import { steering } from '../doubles/steering.js';

const call = (command: string): string =>
  `{"name": "bash", "arguments": {"command": ${JSON.stringify(command)}}}`;
const opened = '<tool_call>\n';

/** First turns that a model may write; what follows solves the task. */
const replies: Readonly<Record<string, string>> = {
  'fenced-calls': `\`\`\`json\n${call('true')}\n\`\`\`\n`.repeat(1_500),
  'line-breaks': `${opened}{"name": "bash", "arguments": {"command": "${'\n'.repeat(30_000)}`,
  'deep-arguments': `${opened}{"name": "bash", "arguments": {"command": ${'['.repeat(15_000)}`,
  steering: `${opened}${call('printf "\\033]52;c;ZXZpbA==\\007\\342\\200\\256"')}\n</tool_call>\u001b]52;c;ZXZpbA==\u0007\u202e`,
  prototype: `${opened}{"name": "__proto__", "arguments": {"__proto__": {"command": "true"}, "constructor": 1}}\n</tool_call>`,
};

it('what a model sends becomes its own ending, is printed safely and kept for its owner alone', async () => {
  const names = Object.keys(replies);
  await using bench = await openCliBench(Object.fromEntries(names.map((name) => [name, ['true']])));
  let turn = 0;
  await using server = await FakeVllm.start({
    parsers: { thoughtIn: 'reasoning', parsesCalls: false, hidesTruncation: false },
    reply: ({ body }) => {
      const isTrial = JSON.stringify(body.messages).includes('/srv/done');
      if (!isTrial) return { command: 'true' };
      if (!body.messages.some(({ role }) => role === 'assistant'))
        return { raw: replies[names[turn++ % names.length] ?? ''] ?? '' };
      return { command: 'touch /srv/done; echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT' };
    },
  });
  // The server leaves calls in the text: our own reader of them is tried.
  const harness = join(bench.dir, 'recover.yaml');
  const tmax = await readFile('harness/tmax.yaml', 'utf8');
  await writeFile(harness, tmax.replace(/tool_calls: \w+/, 'tool_calls: recover'));
  const args = [
    'run',
    '--harness',
    harness,
    '--dataset',
    join(bench.dir, 'tasks'),
    '--results',
    bench.results,
    '--job',
    'replies',
  ];
  const run = await runCli([
    ...args,
    '--model',
    'qwen',
    '--base-url',
    server.baseUrl,
    '--attempts',
    '1',
    '--pull',
    'never',
    '--retries',
    '0',
    '-n',
    '1',
  ]);
  expect(run.code, run.stderr).toBe(0);
  for (const name of names) {
    const text = await readFile(join(bench.results, 'replies', `${name}__1`, 'result.json'), 'utf8');
    const { tbench, verifier_result: verdict } = JSON.parse(text) as {
      tbench: { blame: string | null };
      verifier_result: unknown;
    };
    expect([null, 'model'], name).toContain(tbench.blame);
    expect(verdict, name).not.toBeNull();
    for (const command of ['show', 'logs']) {
      const { stdout, stderr, code } = await runCli([
        command,
        `replies/${name}__1`,
        '--results',
        bench.results,
      ]);
      expect(code, stderr).toBe(0);
      expect(steering.exec(stdout + stderr)?.[0], `${command} ${name}`).toBeUndefined();
    }
  }
  expect(steering.exec(run.stdout + run.stderr)?.[0]).toBeUndefined();
  for (const entry of await readdir(join(bench.results, 'replies'), {
    recursive: true,
    withFileTypes: true,
  })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    expect(mode & 0o777, entry.name).toBe(entry.isDirectory() ? 0o700 : 0o600);
  }
});
