import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import {
  contextErrors,
  engineDeadChunk,
  engineDeadErrors,
  permanentErrors,
  transientErrors,
  type Fault,
} from '../../../test/doubles/vllm/faults.js';
import { classifyFailure } from './classify-failure.js';
import type { FailureFacts } from '../wire/request-failure.js';

function factsOf(fault: Fault): FailureFacts {
  if (fault.kind !== 'status') throw new Error('only answers with a status');
  return { kind: 'status', status: fault.status, body: fault.body, retryAfterMs: null };
}

const rows = (faults: Readonly<Record<string, Fault>>): [string, FailureFacts][] =>
  Object.entries(faults).map(([name, fault]) => [name, factsOf(fault)]);

const connection = (code: string): FailureFacts => ({ kind: 'connection', code, message: `connect ${code}` });

const recorded = z
  .array(
    z.strictObject({
      server: z.string(),
      request: z.string(),
      status: z.number(),
      body: z.string(),
      rule: z.string(),
    }),
  )
  .parse(JSON.parse(await readFile('test/fixtures/model-server-bodies.json', 'utf8')));

describe('what real servers answered', () => {
  it.each(recorded)('$server, $request: $rule', ({ status, body, rule }) => {
    expect(classifyFailure({ kind: 'status', status, body, retryAfterMs: null }).rule).toBe(rule);
  });

  it('is repeated only where that can help', () => {
    const repeated = recorded.filter(
      ({ status, body }) =>
        classifyFailure({ kind: 'status', status, body, retryAfterMs: null }).class === 'transient',
    );
    expect(repeated.map(({ request }) => request)).toEqual(['queue full', 'loading']);
  });
});

describe('the failure table', () => {
  it.each(rows(contextErrors))('takes the context overrun of "%s" for one', (_, seen) => {
    expect(classifyFailure(seen)).toMatchObject({ class: 'context', rule: 'context-length' });
  });

  it.each(rows(permanentErrors))('does not repeat a request refused for good: %s', (_, seen) => {
    expect(classifyFailure(seen).class).toBe('permanent');
  });

  it.each(rows(transientErrors))('repeats a request after %s', (_, seen) => {
    expect(classifyFailure(seen).class).toBe('transient');
  });

  it.each(rows(engineDeadErrors))('knows a dying server: %s', (_, seen) => {
    expect(classifyFailure(seen).class).toBe('server-down');
  });

  it('tells the flag to change where there is one', () => {
    const verdict = classifyFailure(factsOf(permanentErrors['no tool parser'] as Fault));
    expect(verdict.rule).toBe('no-tool-parser');
    expect(verdict.hint).toContain('--enable-auto-tool-choice');
  });

  it('reads the message of either envelope, of a string and of nothing', () => {
    const message = (body: string): string =>
      classifyFailure({ kind: 'status', status: 400, body, retryAfterMs: null }).message;
    expect(message('{"error":{"message":"new","type":"T"}}')).toBe('HTTP 400: T: new');
    expect(message('{"object":"error","message":"old","type":"T"}')).toBe('HTTP 400: T: old');
    expect(message('{"error":"Unauthorized"}')).toBe('HTTP 400: Unauthorized');
    expect(message('{"detail":"Not Found"}')).toBe('HTTP 400: Not Found');
    expect(message('plain')).toBe('HTTP 400: plain');
    expect(message('')).toBe('HTTP 400: (empty body)');
  });

  it('judges an error inside a stream by the code it carries', () => {
    expect(classifyFailure({ kind: 'error-in-stream', body: engineDeadChunk }).class).toBe('server-down');
    const inner = (code: number): string => JSON.stringify({ error: { message: 'no', code } });
    expect(classifyFailure({ kind: 'error-in-stream', body: inner(400) }).class).toBe('permanent');
    expect(classifyFailure({ kind: 'error-in-stream', body: inner(500) })).toMatchObject({
      class: 'transient',
      askHealth: true,
    });
    expect(classifyFailure({ kind: 'error-in-stream', body: '{"error":"boom"}' }).class).toBe('transient');
  });

  it.each([
    ['ECONNREFUSED', 'server-down'],
    ['ENOTFOUND', 'server-down'],
    ['EHOSTUNREACH', 'server-down'],
    ['ECONNRESET', 'transient'],
    ['EPIPE', 'transient'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'permanent'],
  ] as const)('takes %s for %s', (code, expected) => {
    expect(classifyFailure(connection(code)).class).toBe(expected);
  });

  it('repeats after silence and after a broken stream, asking /health first', () => {
    expect(classifyFailure({ kind: 'idle', idleMs: 10, started: true })).toMatchObject({
      class: 'transient',
      askHealth: true,
    });
    expect(classifyFailure({ kind: 'protocol', message: 'cut' })).toMatchObject({
      class: 'transient',
      askHealth: true,
    });
  });

  it('does not take a 429 that mentions a template or a context for something else', () => {
    const seen: FailureFacts = {
      kind: 'status',
      status: 429,
      body: 'rate limit of your template',
      retryAfterMs: 2000,
    };
    expect(classifyFailure(seen)).toMatchObject({ rule: 'rate-limit', retryAfterMs: 2000 });
  });
});
