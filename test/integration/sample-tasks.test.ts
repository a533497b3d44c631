import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const turns = join(root, 'test/fixtures/sample-turns');

const scores = z.object({
  jobs: z
    .array(
      z.object({
        is_evaluation: z.boolean(),
        mean: z.number(),
        std: z.number().nullable(),
        endings: z.record(z.string(), z.number()),
        tasks: z.record(z.string(), z.object({ rewards: z.array(z.number()) })),
      }),
    )
    .length(1),
});

/** `tbench run ... --json` as a person would call it, from the sources. */
async function run(results: string, ...options: readonly string[]) {
  return runSet('sample', results, ...options);
}

async function runSet(dataset: string, results: string, ...options: readonly string[]) {
  const argv = ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'run', '--dataset', dataset];
  const child = spawn(process.execPath, [...argv, '--results', results, '--json', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, output.stderr).toBe(0);
  return scores.parse(JSON.parse(output.stdout)).jobs[0]!;
}

describe('the sample tasks in real sandboxes', { timeout: 600_000 }, () => {
  let results: string;
  beforeAll(async () => {
    results = await mkdtemp(join(tmpdir(), 'tbench-sample-'));
  });
  afterAll(() => rm(results, { recursive: true, force: true }));

  it('give the reference solution 1, every one of them', async () => {
    const { tasks, is_evaluation: isEvaluation } = await run(results, '--agent', 'oracle', '--attempts', '1');
    expect(Object.keys(tasks).length).toBeGreaterThanOrEqual(10);
    expect(Object.entries(tasks).filter(([, { rewards }]) => rewards[0] !== 1)).toEqual([]);
    expect(isEvaluation).toBe(true);
  });

  it('give an agent that does nothing 0, every one of them', async () => {
    const { tasks } = await run(results, '--agent', 'nop', '--attempts', '1');
    expect(Object.entries(tasks).filter(([, { rewards }]) => rewards[0] !== 0)).toEqual([]);
  });

  it('give 1 and 0 too where they have a verifier, services or steps of their own', async () => {
    for (const [agent, reward] of [
      ['oracle', 1],
      ['nop', 0],
    ] as const) {
      const { tasks } = await runSet('sample-advanced', results, '--agent', agent, '--attempts', '1');
      expect(Object.keys(tasks).length).toBeGreaterThanOrEqual(5);
      expect(Object.entries(tasks).filter(([, { rewards }]) => rewards[0] !== reward)).toEqual([]);
    }
  });

  it('score scripted attempts as written: success, failure, partial credit, and four ways to end', async () => {
    const chosen = [
      'open-vault-quickly',
      'write-jq-report',
      'purge-leaked-key',
      'answer-from-access-log',
    ].flatMap((name) => ['--tasks', name]);
    const job = await run(results, '--model', `replay:${turns}`, '--attempts', '3', ...chosen);
    const rewards = Object.fromEntries(Object.entries(job.tasks).map(([name, task]) => [name, task.rewards]));
    expect(rewards).toEqual({
      'answer-from-access-log': [0.75, 1, 0.375],
      'open-vault-quickly': [1, 0, 1],
      'purge-leaked-key': [0, 1, 0],
      'write-jq-report': [0, 1, 0],
    });
    expect(job.is_evaluation).toBe(false);
    expect(job.std).toBeGreaterThan(0);
    expect(job.endings).toEqual({ submitted: 9, 'agent-timeout': 1, 'token-budget': 1, 'turn-limit': 1 });
  });
});
