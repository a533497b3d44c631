import { describe, expect, it } from 'vitest';
import { SandboxError, TaskError } from '../../base/errors.js';
import { EngineCallError } from '../connection/engine-error.js';
import { isBareShell, startError, takesArguments } from './entrypoint.js';

describe('isBareShell', () => {
  it.each([
    [['/bin/bash'], true],
    [['sh', '-c'], true],
    [['/usr/bin/bash', '--login'], true],
    [['/start.sh'], false],
    [['/bin/sh', '/start.sh'], false],
    [['tini', '--'], false],
  ])('of %j is %s', (entrypoint, isShell) => {
    expect(isBareShell(entrypoint)).toBe(isShell);
  });
});

describe('takesArguments', () => {
  it.each([
    [['/start.sh'], true],
    [['/bin/sh', '/start.sh'], true],
    [['/bin/sh', '-c', '/start.sh'], false],
    [['/bin/sh', '-c', 'exec "$0" "$@"'], true],
    [['/bin/bash', '-c', 'setup; exec "$@"', '--'], true],
    [[], true],
  ])('of %j is %s', (entrypoint, takes) => {
    expect(takesArguments(entrypoint)).toBe(takes);
  });
});

describe('startError', () => {
  const spec = { image: { reference: 'x', id: '' }, user: 'agent' };

  it('blames the task for a user that its image does not have, entry point or not', () => {
    const error = new SandboxError(
      'cannot start: unable to find user agent: no matching entries in passwd file',
    );
    for (const entrypoint of [[], ['/start.sh']])
      expect(startError(spec, entrypoint, error)).toMatchObject({
        code: 'bad-task',
        message: 'image x has no user "agent", which the task asks for',
      });
  });

  it.each([
    'runc create failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: OCI runtime attempted to invoke a command that was not found',
    'crun: executable file `/bin/sh` not found: No such file or directory: OCI runtime attempted to invoke a command that was not found',
  ])("is the task's, and names the image, where that has no shell: %s", (message) => {
    const error = startError(spec, [], new SandboxError(message));
    expect(error).toBeInstanceOf(TaskError);
    expect(String(error)).toContain(`${spec.image.reference} has no /bin/sh`);
    expect(startError(spec, [], new SandboxError('stat /data: no such file'))).not.toBeInstanceOf(TaskError);
  });

  it("is the task's for an image with an entry point, and else what it was", () => {
    const error = new SandboxError('no answer');
    expect(startError(spec, ['/start.sh'], error)).toBeInstanceOf(TaskError);
    expect(startError(spec, [], error)).toBe(error);
    const refused = (said: string) => new EngineCallError(`cannot start: ${said}`, 500, said, {});
    const rlimit = refused('error setting rlimit type 6: operation not permitted');
    expect(startError(spec, ['/start.sh'], rlimit)).toBe(rlimit);
    const missing = refused('exec: "/start.sh": stat /start.sh: no such file or directory');
    expect(startError(spec, ['/start.sh'], missing)).toBeInstanceOf(TaskError);
    const other = new Error('stop it');
    expect(startError(spec, ['/start.sh'], other)).toBe(other);
  });
});
