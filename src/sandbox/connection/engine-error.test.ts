import { describe, expect, it } from 'vitest';
import { SandboxError } from '../../base/errors.js';
import { engineError } from './engine-error.js';

const refused = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), {
    statusCode,
    json: { message },
  });

describe('engineError', () => {
  it("gives the engine's words and what was attempted, as a sandbox error", () => {
    const error = engineError(refused(404, 'no such container abc'), 'start the sandbox x');
    expect(error).toBeInstanceOf(SandboxError);
    expect(error.message).toBe(
      'cannot start the sandbox x: the container engine says: no such container abc',
    );
    expect(error.status).toBe(404);
  });

  it('gives only those words where they came as a stream, which dockerode keeps in its own message', () => {
    const text = '(HTTP code 404) unexpected - lstat /a - b: no such file ';
    const streamed = Object.assign(new Error(text), { statusCode: 404, json: null });
    expect(engineError(streamed, 'read /a - b').message).toBe(
      'cannot read /a - b: the container engine says: lstat /a - b: no such file',
    );
  });

  it.each([
    ['crun: cgroups in hybrid mode not supported', /install runc/],
    ['cannot find UID/GID for user u: no subuid ranges found for user "u" in /etc/subuid', /--add-subuids/],
    ['setrlimit `RLIMIT_NOFILE`: Operation not permitted', /default_ulimits/],
    ['write /x: no space left on device', /disk is full/],
    ['exec: "netavark": executable file not found', /netavark/],
  ])('says how to mend: %s', (said, hint) => {
    expect(engineError(refused(500, said), 'start').hint).toMatch(hint);
  });

  it('tells a service that is gone from one that says no', () => {
    const gone = Object.assign(new Error('connect ECONNREFUSED /x.sock'), { code: 'ECONNREFUSED' });
    const error = engineError(gone, 'start');
    expect(error).toMatchObject({ status: null, isUnreachable: true, neverSent: true });
    expect(error.hint).toMatch(/doctor/);
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    expect(engineError(reset, 'start').neverSent).toBe(false);
  });
});
