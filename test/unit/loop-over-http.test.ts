import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/agent/harness/harness.js';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { createModelAgent } from '../../src/agent/loop/model-agent.js';
import { openModelService } from '../../src/model/service/open-model-service.js';
import { agentContext, printed, tableSandbox } from '../doubles/agent-context.js';
import { FakeVllm, type FakeVllmOptions } from '../doubles/vllm/fake-vllm.js';
import { contextErrors, permanentErrors } from '../doubles/vllm/faults.js';
import type { ModelReply } from '../doubles/vllm/generate.js';

const tmax = await loadHarness('tmax');
const marker = tmax.submit.marker;
const submit: ModelReply = { content: 'THOUGHT: done.', command: `echo ${marker}` };

let server: FakeVllm;
beforeEach(async () => {
  server = await FakeVllm.start();
});
afterEach(async () => server.stop());

/** Serves the replies in order, the last one for ever, and lets the loop run against them. */
async function act(
  replies: readonly ModelReply[],
  options: Partial<FakeVllmOptions> = {},
  harness: Harness = tmax,
) {
  let turn = 0;
  server.change({ reply: () => replies[Math.min(turn++, replies.length - 1)] ?? submit, ...options });
  await using models = await openModelService({
    model: 'qwen',
    baseUrls: [server.baseUrl],
    apiKey: null,
    concurrency: 4,
    retryPolicy: { maxTries: 2, baseMs: 1, capMs: 2, retryAfterCapMs: 10 },
    redact: (text) => text,
    onEvent: () => undefined,
    signal: new AbortController().signal,
  });
  const sandbox = tableSandbox((command) => printed(command.startsWith('seq') ? 'x'.repeat(9_000) : 'ok\n'));
  using context = agentContext({ task: { name: 'greet', instruction: 'Say hello.' }, sandbox });
  const outcome = await createModelAgent({ harness, models, version: '1' }).run(context);
  return { outcome, commands: sandbox.commands, requests: server.requests };
}

function smaller(harness: Harness, budget: Partial<Harness['budget']>): Harness {
  return { ...harness, budget: { ...harness.budget, ...budget } };
}

describe('what a server receives', () => {
  test('follows the harness file, message for message', async () => {
    const { requests } = await act([
      { thought: 'Look first.', content: 'THOUGHT: look.', command: 'ls' },
      { content: 'Hm.' },
      submit,
    ]);
    const opening = [
      { role: 'system', content: tmax.prompts.system },
      { role: 'user', content: tmax.prompts.instance.replace('{{task}}', 'Say hello.') },
    ];
    const call = { type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } };
    const looked = [
      {
        role: 'assistant',
        content: 'THOUGHT: look.',
        reasoning: 'Look first.',
        reasoning_content: 'Look first.',
        tool_calls: [{ id: expect.any(String) as string, ...call }],
      },
      { role: 'tool', tool_call_id: expect.any(String) as string, content: 'ok\n\n(exit_code=0)' },
    ];
    const refused = [
      { role: 'assistant', content: 'Hm.' },
      {
        role: 'user',
        content: tmax.prompts.formatError.replace('{{error}}', tmax.formatErrors.texts['no-call']),
      },
    ];
    expect(requests.map(({ body }) => body.messages)).toEqual([
      opening,
      [...opening, ...looked],
      [...opening, ...looked, ...refused],
    ]);
    for (const { body } of requests)
      expect(body).toMatchObject({
        model: 'qwen',
        tools: [{ type: 'function', function: tmax.tool }],
        temperature: 0.7,
        top_p: 0.95,
        max_tokens: 16_384,
      });
  });

  test('sends the same harness in text mode without tools', async () => {
    const harness: Harness = {
      ...tmax,
      actions: { ...tmax.actions, source: { kind: 'text', pattern: /`(.*?)`/gs } },
    };
    const { requests, commands } = await act(
      [{ content: 'So `ls`.' }, { content: `\`echo ${marker}\`` }],
      {},
      harness,
    );
    expect(commands).toEqual(['ls', `echo ${marker}`]);
    expect(requests[0]?.body).not.toHaveProperty('tools');
    expect(requests[1]?.body.messages.at(-1)).toEqual({ role: 'user', content: 'ok\n\n(exit_code=0)' });
  });
});

describe('thoughts', () => {
  const long: ModelReply = { thought: 'because '.repeat(80), content: 'THOUGHT.', command: 'ls' };

  test.each(['reasoning', 'reasoning_content', 'content'] as const)(
    'stay in the history from %s',
    async (thoughtIn) => {
      const { outcome, requests } = await act([long, long, submit], {
        parsers: { thoughtIn, parsesCalls: true, hidesTruncation: false },
      });
      expect(outcome.totals.droppedThoughtTurns).toBe(0);
      expect(JSON.stringify(requests[2]?.body.messages).match(/because because/g)?.length).toBeGreaterThan(1);
    },
  );

  test('that a server drops are noticed', async () => {
    const { outcome } = await act([long, long, submit], { readsThoughts: false });
    expect(outcome.totals.droppedThoughtTurns).toBe(2);
  });
});

describe('the budget against a server', () => {
  const work: ModelReply = { content: 'THOUGHT.', command: 'seq 9' };

  test.each([
    ['stop', true],
    ['stop', false],
    ['clamp', true],
    ['clamp', false],
  ] as const)(
    'with %s and a tokenizer: %s, ends without one request too long',
    async (whenTight, tokenizer) => {
      const harness = smaller(tmax, { whenTight, turnTokens: 1_000, totalTokens: 8_000 });
      const { outcome, requests } = await act([work], { tokenizer, maxModelLen: 8_000 }, harness);
      expect(outcome.ending).toBe('token-budget');
      expect(requests.length).toBeGreaterThan(1);
      for (const { promptTokens, body } of requests)
        expect(promptTokens + Number(body['max_tokens'])).toBeLessThanOrEqual(8_000);
    },
  );

  test('clamps the last turns to what is left, to the token', async () => {
    const harness = smaller(tmax, { whenTight: 'clamp', turnTokens: 2_000, totalTokens: 8_000 });
    const { requests } = await act([work], { maxModelLen: 8_000 }, harness);
    const last = requests.at(-1);
    expect(Number(last?.body['max_tokens'])).toBeLessThan(2_000);
    expect(Number(last?.promptTokens) + Number(last?.body['max_tokens'])).toBe(8_000);
  });

  test('ends as context window when the server finds otherwise', async () => {
    for (const fault of Object.values(contextErrors)) {
      server.inject(fault);
      expect((await act([submit])).outcome).toMatchObject({ ending: 'context-window', error: null });
    }
  });
});

describe('a response that was cut off', () => {
  const harness = smaller(tmax, { turnTokens: 60 });
  const cut: ModelReply = { content: 'THOUGHT.', command: 'rm -rf /tmp/cache && '.repeat(100) };
  const parsers = { thoughtIn: 'reasoning', parsesCalls: true, hidesTruncation: true } as const;

  test('is run as published when it arrives as a whole call', async () => {
    const { commands, outcome } = await act([cut, submit], { parsers }, harness);
    expect(commands).toHaveLength(2);
    expect(outcome).toMatchObject({ ending: 'submitted', totals: { truncatedTurns: 1 } });
  });

  test('is recognised and not run where the harness says so, whatever the server calls it', async () => {
    const careful: Harness = { ...harness, actions: { ...harness.actions, truncated: 'reject' } };
    const { commands, outcome } = await act([cut, submit], { parsers }, careful);
    expect(commands).toEqual([`echo ${marker}`]);
    expect(outcome.totals).toMatchObject({ truncatedTurns: 1, formatErrors: 1 });
  });
});

describe('calls a server without a parser leaves in the text', () => {
  const parsers = { thoughtIn: 'content', parsesCalls: false, hidesTruncation: false } as const;
  const recover: Harness = { ...tmax, actions: { ...tmax.actions, toolCalls: 'recover' } };

  test('are found again, and the conversation reads as if the server had found them', async () => {
    const work: ModelReply = { thought: 'Look.', content: 'THOUGHT.', command: 'ls' };
    const { commands, outcome } = await act([work, work, submit], { parsers }, recover);
    expect(commands).toEqual(['ls', 'ls', `echo ${marker}`]);
    expect(outcome).toMatchObject({
      ending: 'submitted',
      totals: { recoveredCalls: 3, droppedThoughtTurns: 0 },
    });
  });
});

describe('whatever a model writes', () => {
  const text = fc
    .array(
      fc.constantFrom(
        '<tool_call>',
        '</think>',
        '<function=bash>',
        '\n',
        '{"command": ',
        '</tool_call>',
        '<parameter=command>',
        'ls',
        '\u0000',
        '😀',
        ' ',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''));
  const reply = fc.oneof(
    text.map((raw): ModelReply => ({ raw })),
    fc.record({ thought: text, content: text, command: text }),
    fc.record({
      calls: fc.array(
        fc.record({
          name: fc.constantFrom('bash', 'python', ''),
          arguments: fc.dictionary(fc.constantFrom('command', 'x'), fc.oneof(text, fc.integer())),
        }),
        { maxLength: 3 },
      ),
    }),
  );

  test.each(['strict', 'recover'] as const)(
    'the history never makes the server refuse (%s)',
    async (toolCalls) => {
      const harness: Harness = {
        ...tmax,
        limits: { ...tmax.limits, turns: 8 },
        actions: { ...tmax.actions, toolCalls },
      };
      await fc.assert(
        fc.asyncProperty(fc.array(reply, { minLength: 8, maxLength: 8 }), async (replies) => {
          const { outcome } = await act(replies, {}, harness);
          expect(['turn-limit', 'submitted']).toContain(outcome.ending);
        }),
        { numRuns: 15 },
      );
    },
  );

  test('a refusal all the same ends the trial with the error', async () => {
    const fault = permanentErrors['bad key'];
    if (fault === undefined) throw new Error('no such fault');
    server.inject(fault);
    const { outcome } = await act([submit]);
    expect(outcome).toMatchObject({ ending: 'model-error', error: { name: 'ModelError' } });
  });
});
