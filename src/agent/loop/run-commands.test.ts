import { expect, test } from 'vitest';
import { agentContext, printed, tableSandbox, type Respond } from '../../../test/doubles/agent-context.js';
import { loadHarness } from '../harness/load-harness.js';
import type { CommandOptions } from '../../sandbox/sandbox.js';
import type { Harness } from '../harness/harness.js';
import { runCommands } from './run-commands.js';

const tmax = await loadHarness('tmax');
const marker = tmax.submit.marker;

async function run(texts: readonly string[], respond?: Respond, harness: Harness = tmax) {
  const sandbox = tableSandbox(respond);
  using context = agentContext({ task: { name: 'greet', instruction: 'x' }, sandbox });
  const commands = texts.map((text) => ({ call: null, text }));
  return { row: await runCommands(commands, { harness, context, modelCalls: 1 }), ran: sandbox.commands };
}

test('runs every command in order, shows each result to the model and records it', async () => {
  const { row, ran } = await run(['ls', 'false'], (command) =>
    command === 'ls' ? printed('a b\n') : printed('', 1),
  );
  expect(ran).toEqual(['ls', 'false']);
  expect(row).toMatchObject({ notRun: [], submitted: false });
  expect(row.shown[0]?.text).toContain('a b');
  expect(row.records).toMatchObject([
    { command: 'ls', exit_code: 0, total_bytes: 4 },
    { command: 'false', exit_code: 1, total_bytes: 0 },
  ]);
});

test('a submission is run and ends the row: what stands behind it is not run', async () => {
  const { row, ran } = await run([`echo ${marker}`, 'rm -rf x'], () => printed(`${marker}\n`));
  expect(ran).toEqual([`echo ${marker}`]);
  expect(row).toMatchObject({ submitted: true, notRun: [{ text: 'rm -rf x' }] });
  expect(row.records).toHaveLength(1);
});

test('a time-out and a notice of the sandbox are recorded, not thrown', async () => {
  const { row } = await run(['sleep 999'], () => ({
    ...printed('', -1),
    timedOut: true,
    notice: 'too late',
  }));
  expect(row.records).toMatchObject([{ timed_out: true, notice: 'too late' }]);
  expect(row.shown[0]?.text).toContain('too late');
});

test('a harness with fresh shells has each command run as it is, its state left behind', async () => {
  const kept: unknown[] = [];
  for (const state of ['fresh', 'kept'] as const) {
    const sandbox = tableSandbox();
    using context = agentContext({ task: { name: 'greet', instruction: 'x' }, sandbox });
    const run = (command: string, options: CommandOptions) => {
      kept.push([command, options.keepsState]);
      return sandbox.run(command, options);
    };
    const harness: Harness = { ...tmax, shell: { ...tmax.shell, state } };
    const watched = { ...context, sandbox: { ...sandbox, run } };
    await runCommands([{ call: null, text: "echo 'a b'" }], { harness, context: watched, modelCalls: 1 });
  }
  expect(kept).toEqual([
    ["echo 'a b'", false],
    ["echo 'a b'", true],
  ]);
});

test('what is broken about the sandbox is thrown: it is no output', async () => {
  const gone = new Error('container gone');
  await expect(run(['ls'], () => Promise.reject(gone))).rejects.toBe(gone);
});
