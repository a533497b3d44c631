import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeVllm, type FakeVllmOptions } from '../../../test/doubles/vllm/fake-vllm.js';
import { permanentErrors, type Fault } from '../../../test/doubles/vllm/faults.js';
import { EnvironmentError } from '../../base/errors.js';
import { preflight, requireFit, type PreflightOptions } from './preflight.js';
import type { PreflightCheck } from './preflight-report.js';

let server: FakeVllm;
beforeEach(async () => {
  server = await FakeVllm.start({
    reply: () => ({ thought: 'One word: ready. I run it now.', command: 'echo ready' }),
  });
});
afterEach(async () => {
  await server.stop();
});

async function look(
  options: Partial<PreflightOptions> = {},
): Promise<Readonly<Record<string, PreflightCheck>>> {
  const report = await preflight({
    model: 'qwen',
    baseUrls: [server.baseUrl],
    apiKey: null,
    unusedProxies: [],
    tool: { name: 'bash', description: 'Run a command', parameters: { type: 'object' } },
    sampling: { temperature: 0.7 },
    neededTokens: 65_536,
    recovers: false,
    signal: new AbortController().signal,
    ...options,
  });
  return Object.fromEntries((report.servers[0]?.checks ?? []).map((check) => [check.name, check]));
}

const parsers = (changes: Partial<FakeVllmOptions['parsers']>): Partial<FakeVllmOptions> => ({
  parsers: { thoughtIn: 'reasoning', parsesCalls: true, hidesTruncation: false, ...changes },
});

describe('the look at a server before a run', () => {
  it('passes one that is fit', async () => {
    const checks = await look();
    expect(Object.keys(checks)).toEqual([
      'health',
      'model',
      'context',
      'tokenizer',
      'tool-call',
      'thought',
      'history',
    ]);
    expect(Object.values(checks).map((check) => check.state)).toEqual(Array(7).fill('ok'));
  });

  it('gives the command that starts a server where there is none', async () => {
    await server.stop();
    const error: unknown = await look({ model: 'allenai/qwen35-9b-swesmith' }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EnvironmentError);
    expect((error as EnvironmentError).hint).toMatch(
      /tbench serve allenai\/qwen35-9b-swesmith --exec[^]*vllm serve allenai\/qwen35-9b-swesmith.*--max-model-len 65536/,
    );
  });

  it('tells a dead engine from a missing server', async () => {
    server.health = 'dead';
    expect((await look())['health']).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('503') as string,
    });
  });

  it('names the nearest model when the wanted one is not served', async () => {
    server.change({ model: 'allenai/qwen35-9b-swesmith' });
    expect((await look({ model: 'allenai/qwen35-9b' }))['model']).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('--model allenai/qwen35-9b-swesmith') as string,
    });
  });

  it('asks for a longer context', async () => {
    server.change({ maxModelLen: 32_768 });
    expect((await look())['context']).toMatchObject({
      state: 'fail',
      mend: 'Start vLLM with --max-model-len 65536.',
    });
  });

  it('warns where requests cannot be counted', async () => {
    server.change({ tokenizer: false });
    const checks = await look();
    expect(checks['tokenizer']?.state).toBe('warn');
    expect(checks['history']?.state).toBe('ok');
  });

  it('names the flags for a server that refuses tools', async () => {
    server.change({ toolChoice: false });
    expect((await look())['tool-call']).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('--enable-auto-tool-choice') as string,
    });
  });

  it('names the parser for a call left in the text, and lets a recovering harness pass', async () => {
    server.change(parsers({ parsesCalls: false }));
    expect((await look())['tool-call']).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('--tool-call-parser qwen3_xml') as string,
    });
    expect((await look({ recovers: true }))['tool-call']?.state).toBe('warn');
  });

  it('sees that a server with a tool parser deletes calls from answers in text, and that one without does not', async () => {
    server.change({ reply: () => ({ command: 'echo ready' }) });
    expect((await look({ tool: null }))['text']).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/^\d+ of the \d+ tokens that the model wrote are missing/) as string,
      mend: expect.stringContaining('without --enable-auto-tool-choice') as string,
    });
    server.change(parsers({ parsesCalls: false }));
    expect((await look({ tool: null }))['text']?.state).toBe('ok');
  });

  it.each(['reasoning', 'reasoning_content', 'content'] as const)(
    'sees a thought in %s',
    async (thoughtIn) => {
      server.change(parsers({ thoughtIn }));
      const checks = await look();
      expect(checks['thought']?.detail).toBe(`thoughts come in ${thoughtIn}`);
      expect(checks['history']?.state).toBe('ok');
    },
  );

  it.each([
    'ready', // shorter than any rule of thumb
    '----------------------------------------------------------------', // many characters a token in a real one
    'word '.repeat(120),
    '   \n\n  ',
  ])('knows what a thought takes from the server itself: %j', async (thought) => {
    server.change({ reply: () => ({ thought, command: 'echo ready' }) });
    const checks = await look();
    if (thought.trim() !== '') expect(checks['history']?.state).toBe('ok');
    else expect(checks['history']).toBeUndefined();
    server.change({ readsThoughts: false });
    const dropped = (await look())['history'];
    if (thought.trim() !== '') expect(dropped?.state).toBe('warn');
  });

  it('needs no rule of thumb for a tokenizer with very long tokens, nor for one of single characters', async () => {
    for (const charactersAToken of [1, 40]) {
      server.change({
        reply: () => ({ thought: 'ready '.repeat(60), command: 'echo ready' }),
        charactersAToken,
      });
      server.change({ readsThoughts: true });
      expect((await look())['history']?.state).toBe('ok');
      server.change({ readsThoughts: false });
      expect((await look())['history']?.state).toBe('warn');
    }
  });

  it('warns of a server that drops thoughts that are sent back', async () => {
    server.change({ readsThoughts: false });
    expect((await look())['history']).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('without --reasoning-parser') as string,
    });
  });

  it('names the key when the server refuses it', async () => {
    server.change({ apiKey: 'right' });
    expect((await look())['model']).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('OPENAI_API_KEY') as string,
    });
  });

  it('does not wait for a server that hangs', async () => {
    server.change({ fault: () => ({ kind: 'hang-before' }) });
    const checks = await look({ timeoutMs: 300 });
    expect(checks['tool-call']).toMatchObject({ state: 'warn' });
    server.health = 'silent';
    expect((await look({ timeoutMs: 300 }))['health']?.state).toBe('fail');
  });

  it('becomes an error that lists what failed and how to mend it', async () => {
    server.change({ maxModelLen: 32_768, fault: () => permanentErrors['no tool parser'] as Fault });
    const report = await preflight({
      model: 'qwen',
      baseUrls: [server.baseUrl],
      apiKey: null,
      unusedProxies: [],
      tool: { name: 'bash', description: 'Run', parameters: {} },
      sampling: {},
      neededTokens: 65_536,
      recovers: false,
      signal: new AbortController().signal,
    });
    expect(report.ok).toBe(false);
    expect(() => requireFit(report)).toThrow(/context: max_model_len 32768[^]*tool-call: HTTP 400/);
  });
});
