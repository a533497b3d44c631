import { describe, expect, test } from 'vitest';
import { readAnswer } from './read-answer.js';
import { RequestFailure, type FailureFacts } from './request-failure.js';
import { watchForSilence } from './watch-for-silence.js';

const delta = (piece: object, finish: string | null = null): string =>
  JSON.stringify({ choices: [{ delta: piece, finish_reason: finish }] });

function stream(...parts: readonly (string | Uint8Array | Error)[]): Response {
  const left = [...parts];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = left.shift();
      if (part === undefined) controller.close();
      else if (part instanceof Error) controller.error(part);
      else controller.enqueue(Buffer.from(part));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

const events = (...data: readonly string[]): string => data.map((one) => `data: ${one}\n\n`).join('');

async function read(response: Response, caller = new AbortController()) {
  let heard = 0;
  using watch = watchForSilence({
    idleTimeoutMs: 60_000,
    signal: caller.signal,
    onByte: () => (heard += 1),
  });
  const answer = await readAnswer(response, watch);
  return { ...answer, heard };
}

async function failureOf(response: Response): Promise<FailureFacts> {
  const error: unknown = await read(response).catch((thrown: unknown) => thrown);
  if (!(error instanceof RequestFailure)) throw new Error('no RequestFailure', { cause: error });
  return error.facts;
}

describe('a streamed answer', () => {
  test('is put together from its chunks, whichever way its bytes are cut', async () => {
    const bytes = Buffer.from(
      events(delta({ content: 'héllo ' }), delta({ content: 'you' }, 'stop'), '[DONE]'),
    );
    const inLetter = bytes.indexOf(0xc3) + 1;
    const { reply, firstTokenAt } = await read(stream(bytes.subarray(0, inLetter), bytes.subarray(inLetter)));
    expect(reply).toMatchObject({ content: 'héllo you', finishReason: 'stop' });
    expect(firstTokenAt).not.toBeNull();
  });

  test('counts as heard for its events and never for the comments that keep a connection open', async () => {
    const { heard } = await read(stream(': ping\n\n', ': ping\n\n', events(delta({ content: 'x' }, 'stop'))));
    expect(heard).toBe(1);
  });

  test.each(['{"choices":[]}', delta({}), delta({ role: 'assistant', content: '', tool_calls: [] })])(
    'is not heard of by a chunk of nothing: %s',
    async (nothing) => {
      const { heard } = await read(
        stream(events(nothing), events(nothing), events(delta({ content: 'x' }, 'stop'))),
      );
      expect(heard).toBe(1);
    },
  );

  test.each(['abort', 'error', 'cancelled', 'Timeout'])('is none when it ends by %s', async (reason) => {
    const given = events(delta({ content: 'x' }), delta({}, reason));
    expect(await failureOf(stream(given))).toMatchObject({ kind: 'protocol' });
    const whole = JSON.stringify({ choices: [{ message: { content: 'x' }, finish_reason: reason }] });
    expect(await failureOf(new Response(whole))).toMatchObject({ kind: 'protocol' });
  });

  test('is whole once it gave its reason to finish, even when the connection breaks after it', async () => {
    const { reply } = await read(stream(events(delta({ content: 'x' }, 'stop')), new Error('reset')));
    expect(reply.content).toBe('x');
  });

  test('is none when it breaks or ends before', async () => {
    const begun = events(delta({ content: 'x' }));
    expect(await failureOf(stream(begun, new Error('reset')))).toMatchObject({ kind: 'connection' });
    expect(await failureOf(stream(begun))).toMatchObject({
      kind: 'protocol',
      message: 'the stream ended without a finish reason',
    });
  });

  test('that holds an error is the failure it names', async () => {
    const error = JSON.stringify({ error: { message: 'out of memory', code: 500 } });
    expect(await failureOf(stream(events(error)))).toEqual({ kind: 'error-in-stream', body: error });
  });

  test('that is no JSON, or endless in one event, is a breach of the protocol', async () => {
    expect(await failureOf(stream(events('<html>')))).toMatchObject({ message: 'not a JSON object: <html>' });
    const endless = await failureOf(
      stream('data: ', ...Array.from({ length: 9 }, () => 'x'.repeat(2 ** 20))),
    );
    expect(endless).toEqual({ kind: 'protocol', message: 'the answer is larger than 64 MiB' });
  });

  test('ends with the reason of its caller when that cancels', async () => {
    const caller = new AbortController();
    caller.abort('cancelled');
    await expect(read(stream(events(delta({ content: 'x' }, 'stop')), new Error('x')), caller)).rejects.toBe(
      'cancelled',
    );
  });
});

describe('an answer in one document', () => {
  const json = (body: unknown): Response =>
    new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });

  test('is taken from servers that do not stream, without a time of its first token', async () => {
    const answer = await read(json({ choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }] }));
    expect(answer).toMatchObject({ reply: { content: 'hi' }, firstTokenAt: null });
  });

  test('that is something else is a breach of the protocol; none at all too', async () => {
    expect(await failureOf(json({ status: 'ok' }))).toMatchObject({ message: /^not a chat completion/ });
    expect(await failureOf(new Response(null))).toMatchObject({ message: 'the answer has no body' });
  });
});
