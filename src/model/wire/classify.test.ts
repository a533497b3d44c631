import { describe, expect, it } from 'vitest';

import {
  contextErrors,
  engineDeadChunk,
  engineDeadErrors,
  permanentErrors,
  transientErrors,
  type Fault,
} from '../../../test/doubles/vllm/faults.js';
import { classify } from './classify.js';
import { parseRetryAfter, type Evidence } from './request-failure.js';

function evidence(fault: Fault): Evidence {
  if (fault.kind !== 'status') throw new Error('only answers with a status');
  return { kind: 'status', status: fault.status, body: fault.body, retryAfterMs: null };
}

const rows = (faults: Readonly<Record<string, Fault>>): [string, Evidence][] =>
  Object.entries(faults).map(([name, fault]) => [name, evidence(fault)]);

const connection = (code: string): Evidence => ({ kind: 'connection', code, message: `connect ${code}` });

describe('the failure table', () => {
  it.each(rows(contextErrors))('takes the context overrun of "%s" for one', (_, seen) => {
    expect(classify(seen)).toMatchObject({ class: 'context', rule: 'context-length' });
  });

  it.each(rows(permanentErrors))('does not repeat a request refused for good: %s', (_, seen) => {
    expect(classify(seen).class).toBe('permanent');
  });

  it.each(rows(transientErrors))('repeats a request after %s', (_, seen) => {
    expect(classify(seen).class).toBe('transient');
  });

  it.each(rows(engineDeadErrors))('knows a dying server: %s', (_, seen) => {
    expect(classify(seen).class).toBe('server-down');
  });

  it('tells the flag to change where there is one', () => {
    const verdict = classify(evidence(permanentErrors['no tool parser'] as Fault));
    expect(verdict.rule).toBe('no-tool-parser');
    expect(verdict.hint).toContain('--enable-auto-tool-choice');
  });

  it('reads the message of either envelope, of a string and of nothing', () => {
    const message = (body: string): string =>
      classify({ kind: 'status', status: 400, body, retryAfterMs: null }).message;
    expect(message('{"error":{"message":"new","type":"T"}}')).toBe('HTTP 400: T: new');
    expect(message('{"object":"error","message":"old","type":"T"}')).toBe('HTTP 400: T: old');
    expect(message('{"error":"Unauthorized"}')).toBe('HTTP 400: Unauthorized');
    expect(message('{"detail":"Not Found"}')).toBe('HTTP 400: Not Found');
    expect(message('plain')).toBe('HTTP 400: plain');
    expect(message('')).toBe('HTTP 400: (empty body)');
  });

  it('judges an error inside a stream by the code it carries', () => {
    expect(classify({ kind: 'error-in-stream', body: engineDeadChunk }).class).toBe('server-down');
    const inner = (code: number): string => JSON.stringify({ error: { message: 'no', code } });
    expect(classify({ kind: 'error-in-stream', body: inner(400) }).class).toBe('permanent');
    expect(classify({ kind: 'error-in-stream', body: inner(500) })).toMatchObject({
      class: 'transient',
      probe: true,
    });
    expect(classify({ kind: 'error-in-stream', body: '{"error":"boom"}' }).class).toBe('transient');
  });

  it.each([
    ['ECONNREFUSED', 'server-down'],
    ['ENOTFOUND', 'server-down'],
    ['EHOSTUNREACH', 'server-down'],
    ['ECONNRESET', 'transient'],
    ['EPIPE', 'transient'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'permanent'],
  ] as const)('takes %s for %s', (code, expected) => {
    expect(classify(connection(code)).class).toBe(expected);
  });

  it('repeats after silence and after a broken stream, asking /health first', () => {
    expect(classify({ kind: 'idle', idleMs: 10, started: true })).toMatchObject({
      class: 'transient',
      probe: true,
    });
    expect(classify({ kind: 'protocol', message: 'cut' })).toMatchObject({ class: 'transient', probe: true });
  });

  it('does not take a 429 that mentions a template or a context for something else', () => {
    const seen: Evidence = {
      kind: 'status',
      status: 429,
      body: 'rate limit of your template',
      retryAfterMs: 2000,
    };
    expect(classify(seen)).toMatchObject({ rule: 'rate-limit', retryAfterMs: 2000 });
  });
});

describe('Retry-After', () => {
  it('is seconds or a date', () => {
    expect(parseRetryAfter('1.5')).toBe(1500);
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 40_000)).toBe(0);
  });

  it('is ignored when absent or unreadable', () => {
    expect(parseRetryAfter(undefined)).toBeNull();
    expect(parseRetryAfter('')).toBeNull();
    expect(parseRetryAfter('soon')).toBeNull();
  });
});
