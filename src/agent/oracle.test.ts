import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentContext, printed, tableSandbox, type TableSandbox } from '../../test/doubles/agent-context.js';
import { sleep } from '../base/deadline.js';
import type { Task } from '../dataset/task.js';
import { SandboxError } from '../base/errors.js';
import { renderAgentFiles } from '../results/formats/atif/agent-files.js';
import { createAgent } from './create-agent.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-oracle-'));
  await writeFile(join(dir, 'solve.sh'), 'echo "$WORD $DEBIAN_FRONTEND $HOME $0"; exit 3\n');
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

function task(solution: Partial<Task['solution']> = {}): Partial<Task> & Pick<Task, 'name' | 'instruction'> {
  return {
    name: 'greet',
    instruction: 'x',
    dir,
    format: 'harbor',
    solution: { dir, script: 'solve.sh', env: {}, ...solution },
  };
}

async function solve(
  sandbox: TableSandbox,
  options: { readonly task?: ReturnType<typeof task>; readonly timeoutMs?: number } = {},
) {
  using context = agentContext({
    task: options.task ?? task(),
    sandbox,
    timeoutMs: options.timeoutMs ?? null,
  });
  const agent = createAgent('oracle', {
    version: '1',
    harness: null,
    models: null,
    hostEnv: { TOKEN: "it's" },
  });
  return { outcome: await agent.run(context), files: renderAgentFiles(context.entries) };
}

describe('the oracle', () => {
  test('uploads the solution, runs it and keeps its output and exit code without failing', async () => {
    const sandbox = tableSandbox(() => printed('worked\n', 3));
    const { outcome, files } = await solve(sandbox);
    expect(outcome).toMatchObject({ ending: 'finished', detail: 'the solution exited with 3', error: null });
    expect(sandbox.uploads).toMatchObject([{ dir: '/solution', files: [{ path: 'solve.sh' }] }]);
    expect(files.get('oracle.txt')).toBe('worked\n');
    expect(files.get('exit-code.txt')).toBe('3\n');
    expect(files.has('trajectory.json')).toBe(false);
  });

  test('gives the solution its environment, quoted, and leaves none of it in the shell', async () => {
    const sandbox = tableSandbox();
    await solve(sandbox, { task: task({ env: { WORD: '${TOKEN}' } }) });
    const command = (sandbox.commands[0] ?? '').replaceAll('/solution/', `${dir}/`);
    const script = `${command}\necho "after: $WORD$DEBIAN_FRONTEND"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      env: { PATH: process.env['PATH'] },
    });
    const [ran, after] = stdout.split('\n');
    expect(ran).toMatch(new RegExp(`^it's noninteractive /\\S+ ${dir}/solve\\.sh$`));
    expect(after).toBe('after: ');
  });

  test('says that a task ships no solution', async () => {
    const sandbox = tableSandbox();
    const { outcome } = await solve(sandbox, { task: task({ dir: null }) });
    expect(outcome).toMatchObject({ ending: 'finished', detail: 'the task ships no solution' });
    expect(sandbox.commands).toEqual([]);
  });

  test('ends with the agent time', async () => {
    const sandbox = tableSandbox(async (_command, signal) => {
      await sleep(10_000, signal);
      return {};
    });
    expect((await solve(sandbox, { timeoutMs: 20 })).outcome.ending).toBe('agent-timeout');
  });

  test('hands on what broke the sandbox', async () => {
    const sandbox = tableSandbox(() => {
      throw new SandboxError('gone');
    });
    expect((await solve(sandbox)).outcome).toMatchObject({
      ending: 'sandbox-error',
      error: { message: 'gone' },
    });
  });
});

describe('createAgent', () => {
  test('makes a nop that touches nothing', async () => {
    const sandbox = tableSandbox();
    using context = agentContext({ task: task(), sandbox });
    const agent = createAgent('nop', { version: '1', harness: null, models: null, hostEnv: {} });
    expect(await agent.run(context)).toMatchObject({ ending: 'finished' });
    expect([...sandbox.commands, ...sandbox.uploads]).toEqual([]);
  });

  test('refuses a model agent without a model', () => {
    expect(() => createAgent('model', { version: '1', harness: null, models: null, hostEnv: {} })).toThrow(
      'needs a model',
    );
  });
});
