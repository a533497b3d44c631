import { describe, expect, test } from 'vitest';
import { agentContext, printed, tableSandbox, type Respond } from '../../../test/doubles/agent-context.js';
import {
  bashCall,
  scriptedModels,
  type Script,
  type ScriptOptions,
} from '../../../test/doubles/scripted-chat-model.js';
import { CancelledError, SandboxError } from '../../base/errors.js';
import { sleep } from '../../base/deadline.js';
import type { ChatReply, ToolCall } from '../../model/chat-model.js';
import { ModelError } from '../../model/model-error.js';
import { journalEntrySchema } from '../../record/journal-entry.js';
import type { Harness } from '../harness/harness.js';
import { loadHarness } from '../harness/load-harness.js';
import { createModelAgent } from './model-agent.js';

const tmax = await loadHarness('tmax');
const mini = await loadHarness('mini-swe-agent');
const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';

interface Act {
  readonly harness?: Harness;
  readonly script: Script;
  readonly options?: ScriptOptions;
  readonly respond?: Respond;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function act({ harness = tmax, script, options, respond, timeoutMs, signal }: Act) {
  const models = scriptedModels(script, options);
  const sandbox = tableSandbox(respond);
  using context = agentContext({
    task: { name: 'greet', instruction: '\n Say hello. \n' },
    sandbox,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  const outcome = await createModelAgent({ harness, models, version: '1' }).run(context);
  for (const entry of context.entries) journalEntrySchema.parse(entry);
  return { outcome, requests: models.requests, commands: sandbox.commands, entries: context.entries };
}

function says(...toolCalls: ToolCall[]): Partial<ChatReply> {
  return { content: 'THOUGHT: next.', toolCalls };
}

const silent = { promptTokens: null, completionTokens: null, cachedTokens: null, reasoningTokens: null };

describe('a server that does not count', () => {
  const noted = (promptTokens: number | null): ChatReply['usage'] => ({ ...silent, promptTokens });

  test('is not sent more than the budget holds', async () => {
    const { outcome, requests, entries } = await act({
      script: [{ ...says(bashCall('cat big')), usage: silent }],
      respond: () => printed('x '.repeat(4_000), 3),
    });
    expect(outcome).toMatchObject({
      ending: 'token-budget',
      totals: { inputTokens: null, outputTokens: null },
    });
    expect(requests.length).toBeGreaterThan(3);
    expect(JSON.stringify(requests.at(-1)?.messages).length).toBeLessThan(5 * 65_536);
    const exact = entries.flatMap((entry) => (entry.kind === 'reply' ? [entry.counted.exact] : []));
    expect(new Set(exact)).toEqual(new Set([false]));
  });

  test('is not believed when it says the same number for every prompt', async () => {
    const { outcome, entries } = await act({
      script: [{ ...says(bashCall('cat big')), usage: noted(1) }],
      respond: () => printed('x '.repeat(4_000), 3),
    });
    expect(outcome).toMatchObject({ ending: 'token-budget', totals: { inputTokens: null } });
    const usages = entries.flatMap((entry) => (entry.kind === 'reply' ? [entry.usage.prompt_tokens] : []));
    expect(usages.slice(0, 3)).toEqual([1, null, null]);
  });

  test('loses its sums for a prompt that fell below the last one, and they stay lost', async () => {
    const { outcome, entries } = await act({
      script: [1000, 3, 2000].map((prompt, turn) => ({
        ...says(bashCall(turn === 2 ? submit : 'ls', `c${turn}`)),
        usage: noted(prompt),
      })),
    });
    expect(outcome.totals).toMatchObject({ inputTokens: null });
    const usages = entries.flatMap((entry) => (entry.kind === 'reply' ? [entry.usage.prompt_tokens] : []));
    expect(usages).toEqual([1000, null, 2000]);
  });
});

describe('the loop with tmax.yaml', () => {
  test('sends, message for message, what the harness file says', async () => {
    const { requests, outcome } = await act({
      script: [says(bashCall('ls', 'c1')), { content: 'hm' }, says(bashCall(submit, 'c2'))],
      respond: () => printed('a.txt\n', 3),
    });
    expect(outcome).toMatchObject({ ending: 'submitted', totals: { turns: 3, formatErrors: 1 } });
    const [first, second, third] = requests;
    expect(first).toMatchObject({
      maxTokens: 16_384,
      sampling: { temperature: 0.7, topP: 0.95 },
      tools: [{ name: 'bash' }],
    });
    expect(first?.messages).toEqual([
      { role: 'system', content: tmax.prompts.system },
      { role: 'user', content: tmax.prompts.instance.replace('{{task}}', 'Say hello.') },
    ]);
    expect(second?.messages.slice(2)).toEqual([
      { role: 'assistant', content: 'THOUGHT: next.', thought: null, toolCalls: [bashCall('ls', 'c1')] },
      { role: 'tool', toolCallId: 'c1', content: 'a.txt\n\n(exit_code=3)' },
    ]);
    expect(third?.messages.slice(4)).toEqual([
      { role: 'assistant', content: 'hm', thought: null, toolCalls: [] },
      {
        role: 'user',
        content: tmax.prompts.formatError.replace('{{error}}', tmax.formatErrors.texts['no-call']),
      },
    ]);
  });

  test('runs the first of several calls and answers the others', async () => {
    const { commands, requests } = await act({
      script: [says(bashCall('one', 'a'), bashCall('two', 'b')), says(bashCall(submit))],
    });
    expect(commands).toEqual(['one', submit]);
    expect(requests[1]?.messages.slice(3)).toEqual([
      { role: 'tool', toolCallId: 'a', content: 'ok\n\n(exit_code=0)' },
      { role: 'tool', toolCallId: 'b', content: tmax.actions.passedOverText },
    ]);
  });

  test.each<[string, ToolCall, 'tool' | 'user', string[]]>([
    ['another tool', { ...bashCall('ls', 'x'), name: 'python' }, 'tool', []],
    ['arguments that are not JSON', { ...bashCall('ls', 'x'), arguments: '{"command": "l' }, 'user', []],
    ['arguments that are a list', { ...bashCall('ls', 'x'), arguments: '["ls"]' }, 'user', []],
    ['a command that is no text', { ...bashCall('ls', 'x'), arguments: '{"command": 5}' }, 'tool', []],
    ['a missing command', { ...bashCall('ls', 'x'), arguments: '{}' }, 'tool', ['']],
  ])('answers %s without an orphan', async (_what, call, role, run) => {
    const { commands, requests } = await act({ script: [says(call), says(bashCall(submit))] });
    expect(commands).toEqual([...run, submit]);
    const [, , assistant, answer] = requests[1]?.messages ?? [];
    expect(answer?.role).toBe(role);
    expect(assistant).toMatchObject({ toolCalls: role === 'tool' ? [{ id: 'x' }] : [] });
  });

  test('submits when the marker shows in the output', async () => {
    const { outcome } = await act({
      script: [says(bashCall('cat note'))],
      respond: () => printed(`say ${submit}`),
    });
    expect(outcome.ending).toBe('submitted');
  });

  test('runs the submitting command and ends whatever its exit code', async () => {
    const { outcome, commands } = await act({
      script: [says(bashCall(`false && ${submit}`))],
      respond: () => printed('', 1),
    });
    expect(outcome.ending).toBe('submitted');
    expect(commands).toHaveLength(1);
  });

  test('ends after 64 turns', async () => {
    const growing = Array.from({ length: 64 }, (_, turn) => ({
      ...says(bashCall('ls')),
      usage: { ...silent, promptTokens: 100 + turn, completionTokens: 10 },
    }));
    const { outcome, requests } = await act({ script: growing });
    expect(outcome).toMatchObject({
      ending: 'turn-limit',
      totals: { turns: 64, inputTokens: 64 * 100 + (63 * 64) / 2, outputTokens: 640 },
    });
    expect(requests).toHaveLength(64);
  });

  test('ends after 64 format errors in a row', async () => {
    const { outcome } = await act({ script: [{ content: 'thinking' }] });
    expect(outcome).toMatchObject({ ending: 'format-errors', totals: { turns: 64, formatErrors: 64 } });
  });

  test('keeps a thought in place under the field it came in', async () => {
    const thought = { field: 'reasoning_content', text: 'deep' } as const;
    const { requests } = await act({
      script: [{ ...says(bashCall('ls')), thought }, says(bashCall(submit))],
    });
    expect(requests[1]?.messages[2]).toMatchObject({ role: 'assistant', thought });
  });

  test('executes a truncated call that parsed, and counts it', async () => {
    const cut = { ...says(bashCall('ls')), finishReason: 'length' };
    const { commands, outcome } = await act({ script: [cut, says(bashCall(submit))] });
    expect(commands).toEqual(['ls', submit]);
    expect(outcome.totals.truncatedTurns).toBe(1);
  });

  test('answers a truncated call it does not run as a tool, so that thoughts stay', async () => {
    const harness: Harness = { ...tmax, actions: { ...tmax.actions, truncated: 'reject' } };
    const cut = { ...says(bashCall('rm -rf /tmp/x', 'c1')), finishReason: 'length' };
    const { commands, requests } = await act({ harness, script: [cut, says(bashCall(submit))] });
    expect(commands).toEqual([submit]);
    expect(requests[1]?.messages.slice(2)).toMatchObject([
      { toolCalls: [{ id: 'c1' }] },
      { role: 'tool', toolCallId: 'c1' },
    ]);
  });

  test('flags a prompt that is shorter than the history it repeats', async () => {
    const usage = (promptTokens: number) => ({
      usage: { promptTokens, completionTokens: 50, cachedTokens: null, reasoningTokens: null },
    });
    const { outcome, entries } = await act({
      script: [
        { ...says(bashCall('ls')), ...usage(100) },
        { ...says(bashCall('ls')), ...usage(170) },
        { ...says(bashCall(submit)), ...usage(190) },
      ],
    });
    expect(outcome.totals.droppedThoughtTurns).toBe(1);
    expect(entries.filter((entry) => entry.kind === 'turn').map((entry) => entry.dropped_tokens)).toEqual([
      null,
      null,
      30,
    ]);
  });
});

describe('calls the server failed to parse', () => {
  const xml =
    '<tool_call>\n<function=bash>\n<parameter=command>\nls -la\n</parameter>\n</function>\n</tool_call>';
  const recover: Harness = { ...tmax, actions: { ...tmax.actions, toolCalls: 'recover' } };

  test('are a format error when the harness is strict', async () => {
    const { commands, outcome } = await act({ script: [{ content: xml }, says(bashCall(submit))] });
    expect(commands).toEqual([submit]);
    expect(outcome.totals).toMatchObject({ formatErrors: 1, recoveredCalls: 0 });
  });

  test.each([
    ['content', { content: `Look.\n\n${xml}` }],
    ['the thought', { content: null, thought: { field: 'reasoning', text: `Look.\n${xml}` } as const }],
  ])('are run, marked and counted when they are recovered from %s', async (_where, reply) => {
    const { commands, outcome, requests, entries } = await act({
      harness: recover,
      script: [reply, says(bashCall(submit))],
    });
    expect(commands).toEqual(['ls -la', submit]);
    expect(outcome.totals).toMatchObject({ formatErrors: 0, recoveredCalls: 1 });
    const [assistant, answer] = requests[1]?.messages.slice(2) ?? [];
    expect(assistant).toMatchObject({ toolCalls: [{ name: 'bash', recovered: true }] });
    expect(answer).toMatchObject({ role: 'tool', content: 'ok\n\n(exit_code=0)' });
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'reply', tool_calls: [], content: reply.content }),
    );
  });

  test('are not run when the response was cut off and the harness turns such down', async () => {
    const harness: Harness = { ...recover, actions: { ...recover.actions, truncated: 'reject' } };
    const cut = { content: xml.slice(0, -40), finishReason: 'length' };
    const { commands, outcome } = await act({ harness, script: [cut, says(bashCall(submit))] });
    expect(commands).toEqual([submit]);
    expect(outcome.totals).toMatchObject({ truncatedTurns: 1, formatErrors: 1 });
  });
});

describe('the loop and its budget', () => {
  const counted = (tokens: number): ScriptOptions => ({ count: () => ({ tokens, exact: true }) });

  test('never sends a request that does not fit', async () => {
    const { outcome, requests } = await act({ script: [says(bashCall('ls'))], options: counted(49_153) });
    expect(outcome.ending).toBe('token-budget');
    expect(requests).toHaveLength(0);
  });

  test('sends one that just fits', async () => {
    const { requests } = await act({ script: [says(bashCall(submit))], options: counted(49_152) });
    expect(requests.map((request) => request.maxTokens)).toEqual([16_384]);
  });

  test('gives a tight turn what is left when the harness clamps', async () => {
    const harness = await loadHarness('tmax-clamp');
    const { requests } = await act({ harness, script: [says(bashCall(submit))], options: counted(65_000) });
    expect(requests.map((request) => request.maxTokens)).toEqual([536]);
  });

  test('keeps to a served context that is shorter than the budget', async () => {
    const { outcome } = await act({
      script: [says(bashCall('ls'))],
      options: { ...counted(17_000), maxModelLen: 32_768 },
    });
    expect(outcome).toMatchObject({
      ending: 'token-budget',
      detail: expect.stringContaining('32768') as string,
    });
  });

  test('goes by the last usage where the server has no tokenizer', async () => {
    const usage = { promptTokens: 49_000, completionTokens: 150, cachedTokens: null, reasoningTokens: null };
    const { outcome, requests } = await act({ script: [{ ...says(bashCall('ls')), usage }] });
    expect(outcome).toMatchObject({
      ending: 'token-budget',
      detail: expect.stringContaining('about') as string,
    });
    expect(requests).toHaveLength(1);
  });
});

describe('the ends of the loop', () => {
  test('is the agent timeout when a request outlasts it', async () => {
    expect((await act({ script: ['hang'], timeoutMs: 20 })).outcome.ending).toBe('agent-timeout');
  });

  test('is the agent timeout when a command outlasts it', async () => {
    const respond: Respond = async (_command, signal) => {
      await sleep(10_000, signal);
      return printed('late');
    };
    const { outcome, entries } = await act({ script: [says(bashCall('sleep 9'))], respond, timeoutMs: 20 });
    expect(outcome.ending).toBe('agent-timeout');
    expect(entries.map((entry) => entry.kind)).toEqual(['start', 'reply', 'end']);
  });

  test('is a cancellation when the trial is stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new CancelledError('stop')), 20);
    expect((await act({ script: ['hang'], signal: stop.signal })).outcome.ending).toBe('cancelled');
  });

  test.each([
    [new ModelError('too long', { class: 'context' }), 'context-window', false],
    [new ModelError('no such model', { class: 'permanent', status: 404 }), 'model-error', true],
    [new ModelError('gave up', { class: 'transient' }), 'model-error', true],
    [new ModelError('gone', { class: 'server-down' }), 'model-error', true],
  ])('follows the class of a failed request: %s', async (error, ending, carried) => {
    const { outcome, entries } = await act({ script: [error] });
    expect(outcome).toMatchObject({ ending, error: carried ? error : null });
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'failure', class: error.class }));
  });

  test('is the sandbox when the sandbox fails', async () => {
    const respond: Respond = () => {
      throw new SandboxError('container gone');
    };
    expect((await act({ script: [says(bashCall('ls'))], respond })).outcome).toMatchObject({
      ending: 'sandbox-error',
      error: { message: 'container gone' },
    });
  });

  test('leaves a bug a bug', async () => {
    const respond: Respond = () => {
      throw new TypeError('oops');
    };
    await expect(act({ script: [says(bashCall('ls'))], respond })).rejects.toThrow('oops');
  });
});

describe('the loop with mini-swe-agent.yaml', () => {
  test('runs every call in order and ends at the submission', async () => {
    const { commands, outcome } = await act({
      harness: mini,
      script: [says(bashCall('one', 'a'), bashCall(submit, 'b'), bashCall('three', 'c'))],
      respond: (command) =>
        printed(command.includes(submit) ? 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n' : 'x\n'),
    });
    expect(commands).toEqual(['one', submit]);
    expect(outcome.ending).toBe('submitted');
  });

  test('does not submit when the marker only shows in the command or the exit code is not 0', async () => {
    const { outcome } = await act({
      harness: { ...mini, limits: { ...mini.limits, turns: 2 } },
      script: [says(bashCall(`true # ${submit}`)), says(bashCall(submit))],
      respond: (command) =>
        printed(command.endsWith(`'${submit}'`) ? 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n' : 'x\n', 1),
    });
    expect(outcome.ending).toBe('turn-limit');
  });

  test('turns the whole response down for one bad call and forgets it', async () => {
    const bad = { ...bashCall('x', 'b'), arguments: 'nonsense' };
    const { commands, requests } = await act({
      harness: mini,
      script: [says(bashCall('one', 'a'), bad), { finishReason: 'length' }],
    });
    expect(commands).toEqual([]);
    expect(requests[1]?.messages.slice(2)).toEqual([
      { role: 'user', content: expect.stringContaining('not JSON') as string },
    ]);
  });

  test('does not run a truncated call, and says so', async () => {
    const cut = { ...says(bashCall('rm -rf /app')), finishReason: 'length' };
    const { commands, requests } = await act({
      harness: { ...mini, limits: { ...mini.limits, turns: 2 } },
      script: [cut],
    });
    expect(commands).toEqual([]);
    expect(requests[1]?.messages.at(-1)?.content).toContain('cut off at the token limit');
  });

  test('shows a command that ran out of time as return code -1', async () => {
    const { requests } = await act({
      harness: mini,
      script: [says(bashCall('sleep 999')), 'hang'],
      respond: () => ({ ...printed('part', 124), timedOut: true }),
      timeoutMs: 200,
    });
    expect(JSON.parse(requests[1]?.messages.at(-1)?.content ?? '')).toEqual({
      returncode: -1,
      output: 'part',
      exception_info: 'The command was stopped after 120 seconds.',
    });
  });
});
