import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentContext, printed, tableSandbox } from '../../../test/doubles/agent-context.js';
import { bashCall, scriptedModels } from '../../../test/doubles/scripted-chat-model.js';
import type { Harness } from './harness.js';
import { loadHarness } from './load-harness.js';
import { createModelAgent } from '../loop/model-agent.js';
import { openingMessages } from '../templates/render-prompt.js';

const folder = fileURLToPath(new URL('../../../test/fixtures/mini-swe-agent/', import.meta.url));
const load = (name: string): Promise<Harness> => loadHarness(join(folder, `${name}.yaml`));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(os.tmpdir(), 'tbench-mini-'));
});
afterAll(async () => rm(dir, { recursive: true, force: true }));

async function loadText(text: string): Promise<Harness> {
  const path = join(dir, 'file.yaml');
  await writeFile(path, text);
  return loadHarness(path);
}

describe("mini-swe-agent's files", () => {
  test.each([
    ['default', 'text', null, 30_000],
    ['mini', 'tool', null, 30_000],
    ['mini_textbased', 'text', null, 30_000],
    ['swebench', 'tool', 250, 60_000],
    ['swebench_backticks', 'text', 250, 60_000],
    ['swebench_xml', 'text', 250, 60_000],
    ['swebench_modal', 'tool', null, 60_000],
    ['programbench', 'tool', 1_000, 180_000],
  ])('%s loads in %s mode with its limits', async (name, kind, turns, commandTimeoutMs) => {
    const harness = await load(name);
    expect(harness).toMatchObject({
      name,
      actions: { source: { kind }, run: 'all' },
      limits: { turns, consecutiveFormatErrors: 3, commandTimeoutMs },
      shell: { env: { PAGER: 'cat', LESS: '-R', PIP_PROGRESS_BAR: 'off', TQDM_DISABLE: '1' } },
      budget: { turnTokens: 16_384, totalTokens: 65_536 },
    });
  });

  test('bring their own sampling and nothing of ours', async () => {
    expect((await load('mini')).sampling).toEqual({});
    expect((await load('swebench')).sampling).toEqual({
      temperature: 0,
      extra: { parallel_tool_calls: true },
    });
  });

  test('say what of them has no effect', async () => {
    const { notes } = await load('swebench');
    expect(notes).toEqual([
      'agent.cost_limit 3 is ignored: a served model has no price',
      'no effect here: model.model_name, environment.cwd, environment.interpreter, environment.environment_class',
      'no effect here: model.model_kwargs.drop_params',
    ]);
    expect((await load('default')).notes).toEqual([]);
  });

  test('take our prompts for an overlay that brings none, and say so', async () => {
    const [overlay, own] = await Promise.all([load('swebench_modal'), loadHarness('mini-swe-agent')]);
    expect({ ...overlay.prompts, variables: {} }).toEqual({ ...own.prompts, variables: {} });
    expect(overlay.notes[0]).toContain('brings no prompts');
  });

  test('see the host as the original does', async () => {
    const scope = { modelCalls: 0, elapsedMs: 0, task: ' do it\n' };
    const user = openingMessages(await load('mini'), scope)[1]?.content ?? '';
    expect(user).toContain(`${os.type()} ${os.release()} ${os.version()} ${os.machine()}`);
    expect(user.startsWith('Please do this:  do it\n\n')).toBe(true);
  });

  test('keep the limits of time', async () => {
    expect((await load('programbench')).limits.wallTimeMs).toBe(21_600_000);
  });

  test.each([
    ['agent:\n  step_limt: 5\n', 'unknown key agent.step_limt (did you mean agent.step_limit?)'],
    [
      'agent: {}\nenvironment:\n  tiemout: 5\n',
      'unknown key environment.tiemout (did you mean environment.timeout?)',
    ],
    ['agent: {}\nmodels: {}\n', 'unknown key models (did you mean model?)'],
    [
      'agent:\n  system_template: "{{ nothing }}"\n  instance_template: x\n',
      'template system cannot be rendered',
    ],
    ['model:\n  action_regex: "("\n', 'model.action_regex'],
    ['model:\n  observation_template: "{{ output.txt }}"\n', 'template observation cannot be rendered'],
  ])('are refused with a word on why: %j', async (text, message) => {
    await expect(loadText(text)).rejects.toThrow(message);
  });
});

async function run(harness: Harness, replies: Parameters<typeof scriptedModels>[0], output: string) {
  const models = scriptedModels(replies);
  const sandbox = tableSandbox(() => printed(output));
  using context = agentContext({ task: { name: 't', instruction: 'x' }, sandbox });
  const outcome = await createModelAgent({ harness, models, version: '1' }).run(context);
  return { outcome, commands: sandbox.commands, requests: models.requests };
}

describe('text mode', () => {
  const fenced = (command: string): { content: string } => ({
    content: `So.\n\n\`\`\`mswea_bash_command\n${command}\n\`\`\``,
  });

  test('sends no tools, runs the one fenced command and shows its output as user', async () => {
    const { requests, commands, outcome } = await run(
      await load('default'),
      [fenced('ls\npwd'), fenced('echo done')],
      'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\nbye',
    );
    expect(requests[0]?.tools).toEqual([]);
    expect(commands).toEqual(['ls\npwd']);
    expect(outcome.ending).toBe('submitted');
  });

  test('turns down two commands at once, and a third format error in a row ends the trial', async () => {
    const two = { finishReason: 'stop', content: `${fenced('a').content}\n${fenced('b').content}` };
    const { requests, commands, outcome } = await run(
      await load('default'),
      [two, { content: 'none', finishReason: 'stop' }, two],
      'x',
    );
    expect(commands).toEqual([]);
    expect(requests[1]?.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringContaining('saw 2.') as string,
    });
    expect(outcome).toMatchObject({ ending: 'format-errors', totals: { turns: 3 } });
  });

  test('takes the pattern of the file', async () => {
    const reply = { content: 'So. <mswea_bash_command> ls </mswea_bash_command>' };
    const { commands, requests } = await run(await load('swebench_xml'), [reply, { content: '' }], 'out');
    expect(commands).toEqual(['ls']);
    expect(requests[1]?.messages.slice(2)).toEqual([
      { role: 'assistant', content: reply.content, thought: null, toolCalls: [] },
      { role: 'user', content: '<code>0</code>\n<shown>\nout</shown>' },
    ]);
  });

  test('does not take tool calls a server made of the text', async () => {
    const { commands } = await run(
      await load('default'),
      [{ content: 'x', toolCalls: [bashCall('ls')] }],
      'x',
    );
    expect(commands).toEqual([]);
  });
});

describe('counters in templates', () => {
  test('warn of the steps that are left', async () => {
    const harness = await load('programbench');
    const near = {
      ...harness,
      limits: { ...harness.limits, turns: 2 },
      prompts: { ...harness.prompts, variables: { ...harness.prompts.variables, step_limit: 2 } },
    };
    const { requests } = await run(near, [{ toolCalls: [bashCall('ls')] }], 'out');
    expect(requests[1]?.messages.at(-1)?.content).toContain('1 steps are left.');
  });
});
