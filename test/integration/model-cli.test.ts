import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeVllm, type SeenRequest } from '../doubles/vllm/fake-vllm.js';
import type { ModelReply } from '../doubles/vllm/generate.js';
import { openCliBench, runCli, startCli, type CliBench } from './cli.js';

const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';

interface Scores {
  readonly jobs: readonly { readonly mean: number; readonly n_trials: number }[];
}

function meanOf(stdout: string): number | undefined {
  return (JSON.parse(stdout) as Scores).jobs[0]?.mean;
}

function options(bench: CliBench, job: string, model: string): string[] {
  const tasks = join(bench.dir, 'tasks');
  return [
    ...['run', '--dataset', tasks, '--results', bench.results, '--job', job, '--model', model],
    ...['--attempts', '1', '--pull', 'never', '--json'],
  ];
}

async function everythingIn(dir: string): Promise<string> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

/** Two commands that solve the task, told apart by the length of the conversation. */
function solver(request: SeenRequest): ModelReply {
  const turn = request.body.messages.filter(({ role }) => role === 'assistant').length;
  return {
    thought: 'I do it.',
    content: 'THOUGHT: on.',
    command: ['sleep 1; echo on', 'touch done', submit][turn] ?? submit,
  };
}

test('a recorded job runs again from its own folder, with the same rewards and nothing to report', async () => {
  await using bench = await openCliBench({ solved: ['echo hello', 'touch done'], unsolved: ['true'] });
  const first = await runCli([...bench.run('record', '--attempts', '1', '--json'), '--record']);
  expect(meanOf(first.stdout)).toBe(0.5);
  const again = await runCli(options(bench, 'again', `replay:${join(bench.results, 'record')}`));
  expect(again).toMatchObject({ code: 0 });
  expect(meanOf(again.stdout)).toBe(0.5);
  expect(again.stderr).toContain('every observation was the recorded one');
  const kept = await readFile(join(bench.results, 'record', 'solved__1', 'agent', 'model.jsonl'), 'utf8');
  expect(
    kept
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind),
  ).toEqual(['start', 'exchange', 'exchange', 'exchange']);
});

test('a replay says where a command printed something else', async () => {
  await using bench = await openCliBench({ clock: ['date +%s%N', 'touch done'] });
  await runCli(bench.run('clock', '--attempts', '1'));
  const again = await runCli(options(bench, 'clock-again', `replay:${join(bench.results, 'clock')}`));
  expect(meanOf(again.stdout)).toBe(1);
  expect(again.stderr).toMatch(/1 turns of 1 trials saw something else/);
});

test('a server that restarts in the middle costs no trial, and its key is nowhere', async () => {
  await using bench = await openCliBench({ one: ['true'], two: ['true'], three: ['true'] });
  await using server = await FakeVllm.start({ reply: solver, apiKey: 'key-that-nobody-sees' });
  const args = [...options(bench, 'restart', 'qwen'), '--base-url', server.baseUrl, '--record'];
  const running = startCli(args, { OPENAI_API_KEY: 'key-that-nobody-sees' });
  await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBeGreaterThan(4);
  await server.stop();
  await running.saw('is away');
  await server.listen();
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(meanOf(stdout)).toBe(1);
  expect(stderr).toMatch(/is back after/);
  expect((await everythingIn(bench.results)) + stdout + stderr).not.toContain('key-that-nobody-sees');
});

test('a server that is not fit ends the run before any sandbox, naming the flag', async () => {
  await using bench = await openCliBench({ one: ['true'] });
  await using server = await FakeVllm.start({ reply: solver, maxModelLen: 32_768 });
  const { code, stderr } = await runCli([...options(bench, 'unfit', 'qwen'), '--base-url', server.baseUrl]);
  expect(code).toBe(3);
  expect(stderr).toContain('--max-model-len 65536');
});

test('a server that answers nothing but 429 leaves no verdict: not measured, exit code 3', async () => {
  await using bench = await openCliBench({ one: ['true'] });
  const tooMany = {
    kind: 'status',
    status: 429,
    body: '{"error":{"message":"slow down"}}',
    headers: { 'retry-after': '4' },
  } as const;
  const isTrial = ({ body }: SeenRequest): boolean => JSON.stringify(body.messages).includes('/srv/done');
  await using server = await FakeVllm.start({
    reply: solver,
    fault: (request) => (isTrial(request) ? tooMany : null),
  });
  const args = [...options(bench, 'busy', 'qwen'), '--base-url', server.baseUrl];
  const run = await runCli([...args, '--timeout-multiplier', '0.2', '--retries', '0']);
  expect(run).toMatchObject({ code: 3 });
  expect(run.stderr).toContain('1 trials have no verdict: one__1');
  const result = JSON.parse(await readFile(join(bench.results, 'busy/one__1/result.json'), 'utf8')) as {
    readonly verifier_result: unknown;
    readonly tbench: { readonly blame: string };
  };
  expect(result).toMatchObject({ verifier_result: null, tbench: { blame: 'infrastructure' } });
});
