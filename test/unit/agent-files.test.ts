import { describe, expect, test } from 'vitest';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { createModelAgent } from '../../src/agent/loop/model-agent.js';
import { renderAgentFiles } from '../../src/results/formats/atif/agent-files.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { trajectorySchema, type Trajectory } from '../../src/results/formats/atif/trajectory-schema.js';
import { agentContext, printed, tableSandbox } from '../doubles/agent-context.js';
import { bashCall, emptyReply, scriptedModels, type Script } from '../doubles/scripted-chat-model.js';

const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';

async function journalOf(script: Script, harnessName = 'tmax'): Promise<JournalEntry[]> {
  using context = agentContext({
    task: { name: 'greet', instruction: 'Say hello.' },
    sandbox: tableSandbox(() => ({ ...printed('ok'), durationMs: 1_240 })),
    timeoutMs: 100,
  });
  const harness = await loadHarness(harnessName);
  await createModelAgent({ harness, models: scriptedModels(script), version: '1.2' }).run(context);
  return context.entries;
}

function read(entries: readonly JournalEntry[], name: string): unknown {
  return JSON.parse(renderAgentFiles(entries).get(name) ?? 'null');
}

/** Prompts that grow, as they do. */
const prompt = (promptTokens: number) => ({ usage: { ...emptyReply.usage, promptTokens } });

const entries = await journalOf([
  {
    content: 'THOUGHT',
    toolCalls: [bashCall('ls', 'a'), bashCall('pwd', 'b')],
    thought: { field: 'reasoning', text: 'deep' },
  },
  { content: null, toolCalls: [{ ...bashCall('x', 'c'), arguments: 'not json' }], ...prompt(101) },
  { content: 'done', toolCalls: [bashCall(submit, 'd')], ...prompt(102) },
]);

describe('agent files made from a journal', () => {
  test('hold a valid ATIF trajectory', () => {
    const trajectory: Trajectory = trajectorySchema.parse(read(entries, 'trajectory.json'));
    expect(trajectory.steps.map(({ source }) => source)).toEqual([
      'system',
      'user',
      'agent',
      'agent',
      'user',
      'agent',
    ]);
    expect(trajectory.steps[2]).toMatchObject({
      message: 'THOUGHT',
      reasoning_content: 'deep',
      tool_calls: [
        { tool_call_id: 'a', function_name: 'bash', arguments: { command: 'ls' } },
        { tool_call_id: 'b' },
      ],
      observation: {
        results: [{ source_call_id: 'a', content: 'ok\n\n(exit_code=0)' }, { source_call_id: 'b' }],
      },
      metrics: { prompt_tokens: 100, completion_tokens: 10 },
    });
    expect(trajectory.steps[3]).toMatchObject({
      tool_calls: [{ tool_call_id: 'c', arguments: {} }],
      extra: { raw_arguments: [{ id: 'c', arguments: 'not json' }], format_error: 'bad-json' },
    });
    expect(trajectory.final_metrics).toMatchObject({
      total_prompt_tokens: 303,
      total_completion_tokens: 30,
      total_steps: 6,
    });
  });

  test('hold timing rows in the published shape', () => {
    expect(read(entries, 'timing.json')).toMatchObject([
      { step: 1, llm_s: 0.002, bash_s: 1.24, return_code: 0, cmd: 'ls' },
      { step: 2, llm_s: 0.002, format_error: true },
      { step: 3, cmd: submit },
    ]);
  });

  test('hold usage totals in the published shape, and every turn', () => {
    expect(read(entries, 'usage.json')).toMatchObject({
      prompt_tokens: 303,
      completion_tokens: 30,
      total_tokens: 333,
      reasoning_tokens: 0,
      cost_usd: 0,
      max_steps: 64,
      turns: [
        { step: 1, prompt_tokens: 100, finish_reason: 'tool_calls', max_tokens: 16_384 },
        { step: 2 },
        { step: 3 },
      ],
    });
  });

  test('are made of whatever a killed trial left, at any entry', () => {
    for (let length = 1; length <= entries.length; length += 1)
      trajectorySchema.parse(read(entries.slice(0, length), 'trajectory.json'));
    expect(read(entries.slice(0, 2), 'timing.json')).toMatchObject([{ step: 1, interrupted: true }]);
  });

  test('show the observations of every call of a turn, or of none that hung', async () => {
    const several = await journalOf(
      [{ toolCalls: [bashCall('a', 'a'), bashCall('b', 'b')] }, 'hang'],
      'mini-swe-agent',
    );
    const trajectory = trajectorySchema.parse(read(several, 'trajectory.json'));
    expect(trajectory.steps[2]?.observation?.results.map((result) => result.source_call_id)).toEqual([
      'a',
      'b',
    ]);
    expect(read(several, 'timing.json')).toMatchObject([{ bash_s: 2.48, cmd: 'a\nb' }]);
    expect(trajectory.extra).toMatchObject({ ending: 'agent-timeout' });
  });

  test('are none for an empty journal', () => {
    expect(renderAgentFiles([]).size).toBe(0);
  });
});
