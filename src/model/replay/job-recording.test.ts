import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AgentClock } from '../../base/agent-clock.js';
import type { ChatMessage, ChatRequest } from '../chat-model.js';
import { parseJournal } from '../../results/read-journal.js';
import { recordingOf } from './job-recording.js';
import { openModelService, type OpenModelService } from '../service/open-model-service.js';

const at = '2026-11-20T10:00:00.000Z';
const start = {
  kind: 'start',
  version: 1,
  at,
  trial: 'sort-notes__2',
  agent: { name: 'tmax', version: '0' },
  model_kind: 'live',
  harness: null,
  max_turns: null,
  tools: [],
  sampling: {},
  task: 'sort-notes',
  attempt: 2,
  model: 'qwen',
  budget: { turn_tokens: 16_384, total_tokens: 65_536, when_tight: 'stop' },
  messages: [
    { role: 'system', content: 'You work in a terminal.' },
    { role: 'user', content: 'Sort.' },
  ],
};
const reply = (turn: number, promptTokens: number): Record<string, unknown> => ({
  kind: 'reply',
  at,
  turn,
  counted: { tokens: promptTokens, exact: true },
  max_tokens: 16_384,
  timing: { queue_ms: 0, first_token_ms: null, total_ms: 1 },
  retries: [],
  base_url: 'http://127.0.0.1:8000/v1',
  content: null,
  thought: { field: 'reasoning', text: `thought ${turn}` },
  tool_calls: [{ id: `call_${turn}`, name: 'bash', arguments: '{"command":"ls"}', recovered: false }],
  finish_reason: 'tool_calls',
  usage: { prompt_tokens: promptTokens, completion_tokens: 30, cached_tokens: null, reasoning_tokens: null },
});
const turn = (number: number, output: string): Record<string, unknown> => ({
  kind: 'turn',
  at,
  turn: number,
  format_error: null,
  truncated: false,
  recovered_calls: [],
  dropped_tokens: null,
  commands: [],
  messages: [{ role: 'tool', call_id: `call_${number}`, content: output }],
});
const journal = [
  start,
  reply(1, 500),
  turn(1, 'notes.txt'),
  reply(2, 580),
  turn(2, 'done'),
  { kind: 'end', at, ending: 'token-budget', detail: null, totals: {} },
];
const lines = (entries: readonly unknown[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

const recording = (text: string): ReturnType<typeof recordingOf> => recordingOf(parseJournal(text).entries);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-replay-'));
  await mkdir(join(dir, 'sort-notes__2', 'agent'), { recursive: true });
  await writeFile(join(dir, 'sort-notes__2', 'agent', 'journal.jsonl'), lines(journal));
  await mkdir(join(dir, 'broken__1', 'agent'), { recursive: true });
  await writeFile(join(dir, 'broken__1', 'agent', 'journal.jsonl'), 'not JSON\n');
  await writeFile(join(dir, 'result.json'), '{}');
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function open(): Promise<OpenModelService> {
  return openModelService({
    model: `replay:${dir}`,
    baseUrls: [],
    apiKey: null,
    concurrency: 'auto',
    redact: (text) => text,
    onEvent: () => undefined,
    signal: new AbortController().signal,
  });
}

function ask(...messages: ChatMessage[]): ChatRequest {
  return { messages, tools: [], sampling: {}, maxTokens: 16_384 };
}

const prompt: ChatMessage[] = [
  { role: 'system', content: 'You work in a terminal.' },
  { role: 'user', content: 'Sort.' },
];
const seen = (output: string): ChatMessage[] => [
  { role: 'assistant', content: null, thought: null, toolCalls: [] },
  { role: 'tool', content: output, toolCallId: 'call_1' },
];

describe('a recorded job', () => {
  it('answers as recorded, with the recorded counts of tokens', async () => {
    await using service = await open();
    expect(service.kind).toBe('replay');
    await using line = await service.openTrial({ task: 'sort-notes', attempt: 2, name: 'sort-notes__2' });
    const context = { clock: new AgentClock(null, 'wall') };
    expect(await line.countTokens(ask(...prompt), context)).toEqual({ tokens: 500, exact: true });
    const first = await line.complete(ask(...prompt), context);
    expect(first).toMatchObject({
      thought: { field: 'reasoning', text: 'thought 1' },
      toolCalls: [{ id: 'call_1', arguments: '{"command":"ls"}' }],
      usage: { promptTokens: 500, completionTokens: 30 },
    });
    await line.complete(ask(...prompt, ...seen('notes.txt')), context);
    expect(service.divergences()).toEqual([]);
    const next = await line.countTokens(ask(...prompt), context);
    expect(next?.tokens).toBeGreaterThanOrEqual(65_536);
  });

  it('reports where a command gave another output than recorded', async () => {
    await using service = await open();
    await using line = await service.openTrial({ task: 'sort-notes', attempt: 2, name: 'sort-notes__2' });
    const context = { clock: new AgentClock(null, 'wall') };
    await line.complete(ask(...prompt), context);
    await line.complete(ask(...prompt, ...seen('other.txt')), context);
    expect(service.divergences()).toEqual([
      { task: 'sort-notes', attempt: 2, turn: 2, recorded: 'notes.txt', seen: 'other.txt' },
    ]);
  });

  it('reports another prompt than recorded', async () => {
    await using service = await open();
    await using line = await service.openTrial({ task: 'sort-notes', attempt: 2, name: 'sort-notes__2' });
    await line.complete(ask({ role: 'user', content: 'Sort.' }), { clock: new AgentClock(null, 'wall') });
    expect(service.divergences()).toMatchObject([{ turn: 1 }]);
  });

  it('has no answer for an attempt that was not recorded', async () => {
    await using service = await open();
    await using line = await service.openTrial({ task: 'sort-notes', attempt: 1, name: 'sort-notes__1' });
    await expect(line.complete(ask(...prompt), { clock: new AgentClock(null, 'wall') })).rejects.toThrow(
      /no recording of task sort-notes, attempt 1/,
    );
  });
});

describe('a journal', () => {
  it('counts from its last beginning, and a cut last line does not matter', () => {
    const text = `${lines([start, reply(1, 1), reply(2, 2), ...journal.slice(0, 3)])}{"kind":"reply","tur`;
    expect(recording(text)?.trial.turns).toHaveLength(1);
  });

  it('replays what the server refused, but not that it was away', () => {
    const refused = {
      kind: 'failure',
      at,
      retries: [],
      turn: 1,
      class: 'context',
      status: 400,
      message: 'maximum context length is 1',
    };
    const away = { ...refused, class: 'server-down', status: null };
    expect(recording(lines([start, refused]))?.trial.turns).toMatchObject([
      { answer: { kind: 'failure', status: 400 } },
    ]);
    expect(recording(lines([start, away]))?.trial.turns).toEqual([]);
  });

  it('of an agent without a model holds nothing', () => {
    expect(recording(lines([{ ...start, model: null }]))).toBeNull();
    expect(recording('')).toBeNull();
  });
});
