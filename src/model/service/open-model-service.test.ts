import { getEventListeners } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeVllm } from '../../../test/doubles/vllm/fake-vllm.js';
import {
  contextErrors,
  engineDeadErrors,
  permanentErrors,
  transientErrors,
} from '../../../test/doubles/vllm/faults.js';
import { AgentClock } from '../../base/agent-clock.js';
import type { ChatRequest } from '../chat-model.js';
import type { ModelEvent } from '../model-event.js';
import { openModelService, type ModelServiceOptions, type OpenModelService } from './open-model-service.js';

const trial = { task: 'sort-notes', attempt: 1, name: 'sort-notes__1' };
const quick = { maxTries: 4, baseMs: 1, capMs: 4, retryAfterCapMs: 100 };

let server: FakeVllm;
let events: ModelEvent[];
beforeEach(async () => {
  events = [];
  server = await FakeVllm.start({ reply: () => ({ thought: 'I look.', command: 'ls' }) });
});
afterEach(async () => {
  await server.stop();
});

async function open(options: Partial<ModelServiceOptions> = {}): Promise<OpenModelService> {
  return openModelService({
    model: 'qwen',
    baseUrls: [server.baseUrl],
    apiKey: null,
    concurrency: 4,
    retryPolicy: quick,
    outagePollMs: 10,
    redact: (text) => text,
    onEvent: (event) => void events.push(event),
    signal: new AbortController().signal,
    ...options,
  });
}

function ask(text = 'Sort the notes.'): ChatRequest {
  return {
    messages: [{ role: 'user', content: text }],
    tools: [{ name: 'bash', description: 'Run', parameters: {} }],
    sampling: {},
    maxTokens: 1000,
  };
}

const clock = (limitMs: number | null = null): AgentClock => new AgentClock(limitMs, 'wall');

describe('a trial and its model server', () => {
  it('gets an answer and the exact size of the prompt beforehand', async () => {
    await using service = await open();
    await using line = await service.openTrial(trial);
    expect(service.kind).toBe('live');
    expect(line.maxModelLen).toBe(65_536);
    const counted = await line.countTokens(ask(), { clock: clock() });
    const reply = await line.complete(ask(), { clock: clock() });
    expect(counted).toEqual({ tokens: reply.usage.promptTokens, exact: true });
    expect(reply).toMatchObject({ retries: [], baseUrl: server.baseUrl });
  });

  it('knows no prompt size where there is no tokenizer', async () => {
    server.change({ tokenizer: false });
    await using service = await open();
    await using line = await service.openTrial(trial);
    expect(await line.countTokens(ask(), { clock: clock() })).toBeNull();
  });

  it.each(Object.entries(transientErrors))(
    'is retried after %s, and the retry is recorded',
    async (_, fault) => {
      server.inject(fault, 2);
      await using service = await open();
      await using line = await service.openTrial(trial);
      using time = clock();
      const reply = await line.complete(ask(), { clock: time });
      expect(reply.retries.map((retry) => retry.class)).toEqual(['transient', 'transient']);
      expect(time.read().retryMs).toBeGreaterThan(0);
      expect(events.filter((event) => event.kind === 'request-retry')).toHaveLength(2);
    },
  );

  it('tells once of a trial whose answers in text lack tokens that the server counted', async () => {
    server.change({ reply: () => ({ command: 'echo ready' }) });
    await using service = await open();
    await using line = await service.openTrial(trial);
    for (const tools of [[], []]) await line.complete({ ...ask(), tools }, { clock: clock() });
    expect(events.filter(({ kind }) => kind === 'hidden-tokens')).toEqual([
      expect.objectContaining({ trial: trial.name, hidden: expect.any(Number) as number }),
    ]);
  });

  it('has the tries that failed on its retry clock, not only the pauses between them', async () => {
    server.inject({ kind: 'hang-in-stream', afterChunks: 2 }, 1);
    await using service = await open({ idleTimeoutMs: 300 });
    await using line = await service.openTrial(trial);
    using time = clock();
    await line.complete(ask(), { clock: time });
    expect(time.read().retryMs).toBeGreaterThan(290);
    expect(time.read().workingMs).toBeLessThan(time.read().wallMs - 290);
  });

  it.each([...Object.entries(permanentErrors)])('is not repeated after %s', async (_, fault) => {
    server.inject(fault, 1);
    await using service = await open();
    await using line = await service.openTrial(trial);
    await expect(line.complete(ask(), { clock: clock() })).rejects.toMatchObject({
      class: 'permanent',
      code: 'model',
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each(Object.entries(contextErrors))('ends with a context error of %s', async (_, fault) => {
    server.inject(fault, 1);
    await using service = await open();
    await using line = await service.openTrial(trial);
    await expect(line.complete(ask(), { clock: clock() })).rejects.toMatchObject({
      class: 'context',
      status: 400,
    });
  });

  it('does not wait for a tokenizer that hangs, and counts its retries with the request', async () => {
    server.change({ tokenizer: 'silent' });
    await using service = await open({ idleTimeoutMs: 150 });
    await using line = await service.openTrial(trial);
    const pending = line.countTokens(ask(), { clock: clock() });
    await expect.poll(() => events.length).toBe(1);
    server.change({ tokenizer: true });
    expect((await pending)?.exact).toBe(true);
    const { retries } = await line.complete(ask(), { clock: clock() });
    expect(retries[0]).toMatchObject({
      class: 'transient',
      message: expect.stringContaining('no byte') as string,
    });
  });

  it('fails in the end when a transient failure does not pass', async () => {
    server.change({ fault: () => ({ kind: 'drop-before' }) });
    await using service = await open();
    await using line = await service.openTrial(trial);
    const error: unknown = await line.complete(ask(), { clock: clock() }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: 'transient' });
    expect((error as { retries: unknown[] }).retries).toHaveLength(3);
    expect(server.requests).toHaveLength(4);
  });

  it('of a server that sends nothing before all is written has waited no longer than it usually does', async () => {
    server.change({ reply: () => ({ content: 'I looked at every file of the folder, and it is sorted.' }) });
    await using service = await open();
    await using line = await service.openTrial(trial);
    server.inject({ kind: 'whole', afterMs: 400 });
    await line.complete(ask(), { clock: clock() });
    server.inject({ kind: 'hang-before' });
    using time = clock(600);
    await line.complete(ask(), { clock: time }).catch(() => null);
    expect(time.expired).toBe(true);
    const { silenceMs, elapsedMs } = time.read();
    expect(silenceMs).toBeLessThan(elapsedMs - 390);
  });

  it('of a server that streams has waited for every silence', async () => {
    server.change({ reply: () => ({ content: 'I looked at every file of the folder, and it is sorted.' }) });
    await using service = await open();
    await using line = await service.openTrial(trial);
    server.inject({ kind: 'slow', msPerChunk: 30 });
    await line.complete(ask(), { clock: clock() });
    server.inject({ kind: 'hang-before' });
    using time = clock(1000);
    await line.complete(ask(), { clock: time }).catch(() => null);
    expect(time.read().silenceMs).toBeGreaterThan(300);
  });

  it('is silent about the key', async () => {
    server.inject({ kind: 'status', status: 401, body: '{"error":"Incorrect API key: s3cr3t-key"}' });
    await using service = await open({
      apiKey: 's3cr3t-key',
      redact: (text) => text.replaceAll('s3cr3t-key', '***'),
    });
    await using line = await service.openTrial(trial);
    await expect(line.complete(ask(), { clock: clock() })).rejects.toThrow('Incorrect API key: ***');
  });
});

describe('an outage', () => {
  it.each(['restart', ...Object.keys(engineDeadErrors)])(
    'pauses everyone and charges nobody: %s',
    async (how) => {
      await using service = await open();
      const lines = await Promise.all([1, 2, 3].map((n) => service.openTrial({ ...trial, attempt: n })));
      const clocks = lines.map(() => clock());
      const fault = engineDeadErrors[how];
      if (fault === undefined) await server.stop();
      else server.inject(fault, 3);
      server.health = 'dead';
      const pending = Promise.all(
        lines.map((line, index) => line.complete(ask(), { clock: clocks[index] ?? clock() })),
      );
      await expect.poll(() => events.some((event) => event.kind === 'outage-start')).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 300));
      server.health = 'ok';
      if (fault === undefined) await server.listen();
      const replies = await pending;
      expect(replies.map((reply) => reply.retries.map((retry) => retry.class))).toEqual([
        ['server-down'],
        ['server-down'],
        ['server-down'],
      ]);
      expect(events.filter((event) => event.kind === 'outage-start')).toHaveLength(1);
      expect(events.filter((event) => event.kind === 'outage-end')).toHaveLength(1);
      for (const time of clocks) {
        expect(time.read().outageMs).toBeGreaterThan(250);
        expect(time.read().workingMs).toBeLessThan(time.read().elapsedMs - 250);
      }
    },
  );

  it('is not charged for the answer it cut off', async () => {
    server.change({ fault: () => ({ kind: 'hang-in-stream', afterChunks: 2 }) });
    await using service = await open();
    await using line = await service.openTrial(trial);
    using time = clock();
    const pending = line.complete(ask(), { clock: time });
    await expect.poll(() => server.running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.stop();
    await expect.poll(() => events.some((event) => event.kind === 'outage-start')).toBe(true);
    expect(time.read().outageMs).toBeGreaterThan(190);
    server.change({ fault: () => null });
    await server.listen();
    await pending;
  });

  it('ends the trial when it lasts longer than the limit', async () => {
    await using service = await open({ outageLimitMs: 80 });
    await using line = await service.openTrial(trial);
    await server.stop();
    await expect(line.complete(ask(), { clock: clock() })).rejects.toMatchObject({ class: 'server-down' });
  });

  it('is told from a dropped connection by asking /health', async () => {
    server.inject({ kind: 'drop-in-stream', afterChunks: 2 });
    await using service = await open();
    await using line = await service.openTrial(trial);
    const reply = await line.complete(ask(), { clock: clock() });
    expect(reply.retries).toMatchObject([{ class: 'transient' }]);
  });

  it('does not outlast a cancelled trial', async () => {
    await using service = await open();
    await using line = await service.openTrial(trial);
    await server.stop();
    const cancel = new AbortController();
    const pending = line.complete(ask(), { clock: new AgentClock(null, 'wall', cancel.signal) });
    await expect.poll(() => events.length).toBeGreaterThan(0);
    cancel.abort(new Error('Ctrl-C'));
    await expect(pending).rejects.toThrow('Ctrl-C');
  });
});

describe('several servers', () => {
  it('share the trials, keep each at its server, and take over from one that died', async () => {
    await using other = await FakeVllm.start();
    await using service = await open({ baseUrls: [server.baseUrl, other.baseUrl] });
    const lines = await Promise.all([1, 2, 3, 4].map((n) => service.openTrial({ ...trial, attempt: n })));
    const round = async (): Promise<string[]> =>
      (await Promise.all(lines.map((line) => line.complete(ask(), { clock: clock() })))).map(
        (reply) => reply.baseUrl,
      );
    const first = await round();
    expect(first).toEqual([server.baseUrl, other.baseUrl, server.baseUrl, other.baseUrl]);
    expect(await round()).toEqual(first);
    await server.stop();
    expect(await round()).toEqual([other.baseUrl, other.baseUrl, other.baseUrl, other.baseUrl]);
    expect(events.filter((event) => event.kind === 'trial-move')).toHaveLength(2);
  });

  it('are all waited for while none is there, and nobody waits on for the other once one is back', async () => {
    await using other = await FakeVllm.start();
    await using service = await open({ baseUrls: [server.baseUrl, other.baseUrl] });
    await using line = await service.openTrial(trial);
    await Promise.all([server.stop(), other.stop()]);
    using time = clock();
    const pending = line.complete(ask(), { clock: time });
    await expect.poll(() => events.filter((event) => event.kind === 'outage-start')).toHaveLength(2);
    await other.listen();
    expect((await pending).baseUrl).toBe(other.baseUrl);
    expect(getEventListeners(time.signal, 'abort')).toHaveLength(0);
  });
});

describe('request slots', () => {
  it('bound the requests in flight and put the wait on the slot clock', async () => {
    server.change({ fault: () => ({ kind: 'slow', msPerChunk: 3 }) });
    await using service = await open({ concurrency: 2 });
    const lines = await Promise.all([1, 2, 3, 4, 5].map((n) => service.openTrial({ ...trial, attempt: n })));
    const clocks = lines.map(() => clock());
    const replies = await Promise.all(
      lines.map((line, index) => line.complete(ask(), { clock: clocks[index] ?? clock() })),
    );
    expect(server.mostRunning).toBe(2);
    expect(Math.max(...replies.map((reply) => reply.timing.queueMs))).toBeGreaterThan(10);
    expect(Math.max(...clocks.map((time) => time.read().slotMs))).toBeGreaterThan(10);
  });
});

describe('recording', () => {
  it('keeps requests and replies of a trial, each message once, without secrets', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tbench-record-'));
    const file = join(dir, 'agent', 'model.jsonl');
    try {
      await using service = await open({
        record: true,
        redact: (text) => text.replaceAll('hunter2', '[redacted]'),
      });
      await using line = await service.openTrial({ ...trial, agentDir: join(dir, 'agent') });
      const first = ask('The password is hunter2.');
      await line.complete(first, { clock: clock() });
      const more = { ...first, messages: [...first.messages, { role: 'user' as const, content: 'Go on.' }] };
      await line.complete(more, { clock: clock() });
      const text = await readFile(file, 'utf8');
      const [start, one, two] = text
        .split('\n')
        .map((entry) => (entry === '' ? null : (JSON.parse(entry) as unknown)));
      expect(start).toMatchObject({ kind: 'start', model: 'qwen', task: 'sort-notes', attempt: 1 });
      expect(one).toMatchObject({
        turn: 1,
        request: { kept: 0, messages: [{ content: 'The password is [redacted].' }], max_tokens: 1000 },
        reply: { thought: { text: 'I look.' } },
      });
      expect(two).toMatchObject({ turn: 2, request: { kept: 1, messages: [{ content: 'Go on.' }] } });
      expect(text).not.toContain('hunter2');
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('a scripted replay', () => {
  const scripts = fileURLToPath(new URL('../../../test/fixtures/scripts', import.meta.url));

  it('serves the turns of an attempt in order and then refuses', async () => {
    await using service = await open({ model: `replay:${scripts}` });
    expect(service.kind).toBe('scripted');
    await using line = await service.openTrial(trial);
    const commands: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = await line.complete(ask(), { clock: clock() });
      commands.push(JSON.parse(reply.toolCalls[0]?.arguments ?? ''));
    }
    expect(commands).toEqual([
      { command: 'cat notes.txt' },
      { command: 'sort notes.txt > sorted.txt\nwc -l sorted.txt\n' },
      { command: 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT' },
    ]);
    await expect(line.complete(ask(), { clock: clock() })).rejects.toThrow(
      /ends after turn 3; turn 4 was asked for/,
    );
  });

  it('starts a trial over from its first turn', async () => {
    await using service = await open({ model: `replay:${scripts}` });
    for (let tries = 0; tries < 2; tries += 1) {
      await using line = await service.openTrial({ ...trial, attempt: 2 });
      expect((await line.complete(ask(), { clock: clock() })).content).toBe('I do not know how to do this.');
    }
  });

  it('says which task has no script', async () => {
    await using service = await open({ model: `replay:${scripts}` });
    await using line = await service.openTrial({ ...trial, task: 'unknown' });
    await expect(line.complete(ask(), { clock: clock() })).rejects.toThrow(
      /no recording of task unknown, attempt 1/,
    );
  });

  it('refuses a folder without recordings', async () => {
    await expect(open({ model: 'replay:/nowhere' })).rejects.toThrow('there is no such folder');
  });
});
