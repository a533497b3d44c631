import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { AgentOutcome } from '../../src/agent/agent.js';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { isServersTimeout, shareKeptByServer } from '../../src/agent/kept-by-server.js';
import { createModelAgent } from '../../src/agent/loop/model-agent.js';
import type { ClockReading } from '../../src/base/agent-clock.js';
import { openModelService } from '../../src/model/service/open-model-service.js';
import { agentContext } from '../doubles/agent-context.js';

const tmax = await loadHarness('tmax');
const timeoutMs = 1200;

type Answer = (response: ServerResponse) => void;

/** Lets the loop act for its whole time against a server that answers every chat request alike. */
async function act(answer: Answer): Promise<{ outcome: AgentOutcome; clock: ClockReading }> {
  const server = createServer((request, response) => {
    const { url = '' } = request;
    request.resume();
    if (url === '/health') response.end();
    else if (url.endsWith('/chat/completions')) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    await using models = await openModelService({
      model: 'm',
      baseUrls: [baseUrl],
      apiKey: null,
      concurrency: 1,
      retryPolicy: { maxTries: 1000, baseMs: 50, capMs: 200, retryAfterCapMs: 60_000 },
      redact: (text) => text,
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    using context = agentContext({ task: { name: 't', instruction: 'Do.' }, timeoutMs });
    const outcome = await createModelAgent({ harness: tmax, models, version: '1' }).run(context);
    return { outcome, clock: context.clock.read() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** Sends a piece of an answer every 20 ms until the connection is closed. */
function talk(response: ServerResponse, piece: string): void {
  stream(response);
  const timer = setInterval(() => response.write(piece), 20);
  response.on('close', () => clearInterval(timer));
}

const word = `data: ${JSON.stringify({ choices: [{ delta: { content: 'word ' }, finish_reason: null }] })}\n\n`;

test.each<[string, Answer]>([
  ['429 with Retry-After', (response) => response.writeHead(429, { 'retry-after': '1' }).end('{}')],
  ['429 with a long Retry-After', (response) => response.writeHead(429, { 'retry-after': '12' }).end('{}')],
  ['500', (response) => response.writeHead(500).end('{"error": "broken"}')],
  ['504 of a proxy', (response) => response.writeHead(504).end('<html>gateway</html>')],
  ['text that is no answer', (response) => response.writeHead(200).end('welcome')],
  [
    'an empty stream',
    (response) => {
      stream(response);
      response.end();
    },
  ],
  ['nothing at all', () => undefined],
  [
    'headers and nothing more',
    (response) => {
      stream(response);
      response.flushHeaders();
    },
  ],
  ['comments only', (response) => talk(response, ': wait\n\n')],
  ['chunks of nothing', (response) => talk(response, 'data: {"choices":[{"delta":{"content":""}}]}\n\n')],
  ['an empty document', (response) => response.writeHead(200).end()],
  ['a page of a proxy', (response) => response.writeHead(502).end('<html>bad gateway</html>')],
  [
    'a word, then a reset, over and over',
    (response) => {
      stream(response);
      response.write(word, () => response.destroy());
    },
  ],
  [
    'a word and its own end of the answer',
    (response) => {
      stream(response);
      response.end(`${word}data: {"choices":[{"delta":{},"finish_reason":"abort"}]}\n\n`);
    },
  ],
  [
    'an error inside the stream',
    (response) => {
      stream(response);
      response.end(`${word}data: {"error":{"message":"engine died","code":500}}\n\n`);
    },
  ],
  [
    'one word, then nothing',
    (response) => {
      stream(response);
      response.write(word);
    },
  ],
])("a time that runs out while the server sends %s is not the model's", async (_, answer) => {
  const { outcome, clock } = await act(answer);
  expect(outcome).toMatchObject({ ending: 'model-error', error: { class: 'transient' } });
  expect(outcome.detail).toMatch(/time of 1.2 s was up, and for \d+ % of it the model server kept/);
  expect(shareKeptByServer(clock, 'wall')).toBeGreaterThan(0.5);
});

test('a model that talks until its time is up has had its time', async () => {
  const { outcome, clock } = await act((response) => talk(response, word));
  expect(outcome).toMatchObject({ ending: 'agent-timeout', error: null });
  expect(shareKeptByServer(clock, 'wall')).toBeLessThan(0.25);
});

test('the border is a quarter of the time that the clock holds against the agent', () => {
  const clock: ClockReading = {
    elapsedMs: 150,
    wallMs: 100,
    workingMs: 80,
    slotMs: 10,
    retryMs: 10,
    outageMs: 50,
    pauseMs: 0,
    silenceMs: 5,
    stuckMs: 0,
  };
  expect([shareKeptByServer(clock, 'wall'), isServersTimeout(clock, 'wall')]).toEqual([0.25, true]);
  expect(isServersTimeout({ ...clock, silenceMs: 4 }, 'wall')).toBe(false);
  expect([shareKeptByServer(clock, 'working'), isServersTimeout(clock, 'working')]).toEqual([0.0625, false]);
  expect(isServersTimeout({ ...clock, silenceMs: 20 }, 'working')).toBe(true);
  expect(shareKeptByServer({ ...clock, wallMs: 0 }, 'wall')).toBe(0);
  expect(isServersTimeout({ ...clock, silenceMs: 4, stuckMs: 30_000 }, 'wall')).toBe(true);
});
