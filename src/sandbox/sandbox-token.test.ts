import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SandboxError } from '../base/errors.js';
import type { ContainerStreams, DuplexExec } from './container-streams.js';
import { removePath } from './sandbox-shell.js';
import { assertWasInside, isCommandLineOf, MisplacedProcessError, newSandboxToken } from './sandbox-token.js';
import { harnessExec } from './shell/harness-exec.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tbench-elsewhere-'));
  await mkdir(join(folder, 'tests'));
  await writeFile(join(folder, 'tests', 'precious'), 'of the host');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const killer = { nextSeq: () => 1, killTree: () => Promise.resolve() };

/** Streams of an engine whose exec runs every program in this machine's own root, as a runtime without namespaces does. */
function misplaced(token: string): ContainerStreams {
  const refuse = (): never => {
    throw new Error('nothing but exec is asked of this engine');
  };
  return {
    containerId: 'elsewhere',
    token,
    open: (argv, options) => Promise.resolve(runHere(argv, options.env)),
    attach: refuse,
    putArchive: refuse,
    getArchive: refuse,
    statPath: () => Promise.resolve(null),
    assertAlive: () => Promise.resolve(),
    hostRoot: () => Promise.resolve(null),
    oomKills: () => Promise.resolve(null),
  };
}

function runHere(argv: readonly string[], env: Readonly<Record<string, string>>): DuplexExec {
  const child = spawn(argv[0] ?? '', argv.slice(1), { env: { ...process.env, ...env } });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed: once(child, 'close').then(() => undefined),
    inspect: () =>
      Promise.resolve({
        running: child.exitCode === null,
        exitCode: child.exitCode,
        hostPid: child.pid ?? 0,
      }),
    close: () => void child.kill('SIGKILL'),
  };
}

describe('a process that must prove that it is in its sandbox', () => {
  it('removes nothing where the exec lands elsewhere, and says that the engine is to blame', async () => {
    const target = join(folder, 'tests');
    const removing = removePath(misplaced(newSandboxToken()), killer, target);
    await expect(removing).rejects.toThrow(MisplacedProcessError);
    await expect(removing).rejects.toThrow(SandboxError);
    await expect(removing).rejects.toMatchObject({
      hint: expect.stringContaining('does not isolate') as string,
    });
    expect(await readdir(target)).toEqual(['precious']);
  });

  it('writes nothing there either, not even when it waits for its turn', async () => {
    const target = join(folder, 'written');
    const options = { timeoutMs: 10_000, after: Promise.resolve() };
    const argv = ['/bin/sh', '-c', `echo 1 >${target}`];
    await expect(harnessExec(misplaced(newSandboxToken()), killer, argv, options)).rejects.toThrow(
      /outside the sandbox/,
    );
    expect(await readdir(folder)).toEqual(['tests']);
  });

  it('runs where PID 1 carries the token', async () => {
    // What PID 1 of this machine shows stands for the token of a sandbox.
    const { stdout } = await harnessExec(misplaced(''), killer, ['/bin/echo', 'here'], { timeoutMs: 10_000 });
    expect(stdout).toBe('here\n');
  });

  it('is not mistaken for a program that says something else and exits with the same code', () => {
    const ended = { exitCode: 125, stdout: '', stderr: 'docker: not in sandbox\n' };
    expect(() => assertWasInside('abc', ended)).not.toThrow();
    expect(() => assertWasInside('abc', { ...ended, stderr: 'tbench: not in sandbox abc\n' })).toThrow();
  });

  it('tells one sandbox from the other by its token', () => {
    const [one, other] = [newSandboxToken(), newSandboxToken()];
    expect(isCommandLineOf(one, `bash\0--norc\0-s\0tbench\0${one}\0`)).toBe(true);
    expect(isCommandLineOf(one, `bash\0--norc\0-s\0tbench\0${other}\0`)).toBe(false);
  });
});
