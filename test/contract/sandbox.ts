import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, SandboxError } from '../../src/base/errors.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { hostileContract } from './sandbox-hostile.js';
import { hostileFileContract, shellContract } from './sandbox-shell.js';
import {
  limitMs,
  say,
  smallLimits,
  startClock,
  temporaryFolder,
  textOf,
  type SandboxSubject,
  type Shared,
} from './sandbox-subject.js';

/** Every behaviour that a sandbox promises. Suites that need a real shell are left out for fakes. */
export function sandboxContract(subject: SandboxSubject): void {
  describe(`${subject.name}: a sandbox`, () => {
    const shared = sharedSandbox(subject);
    describe('runs commands', () => commandContract(shared));
    describe('moves files', () => fileContract(shared));
    describe('runs harness commands', () => execContract(shared));
    describe('bounds output', () => outputContract(subject));
    describe('ends', () => endContract(subject));
    if (subject.shell === 'fake') return;
    describe('keeps its promises to a real shell', () => shellContract(subject, shared));
    describe('handles hostile files', () => hostileFileContract(shared));
    describe('survives', () => hostileContract(subject));
  });
}

function sharedSandbox(subject: SandboxSubject): Shared {
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await subject.open();
  });
  afterAll(async () => {
    await sandbox?.[Symbol.asyncDispose]();
  });
  return () => {
    if (sandbox === undefined) throw new Error('not open');
    return sandbox;
  };
}

function commandContract(shared: Shared): void {
  it('returns what a command prints, its size and exit code 0', async () => {
    const result = await shared().run('echo hello', { timeoutMs: limitMs });
    expect(result).toMatchObject({
      output: { head: 'hello\n', tail: '', elided: 0, totalBytes: 6 },
      exitCode: 0,
      timedOut: false,
      outOfMemory: false,
      notice: null,
    });
  });

  it('returns the exact exit code, and runs the next command after exit', async () => {
    for (const code of [0, 1, 7, 124, 125, 126, 127, 255]) {
      expect((await shared().run(`exit ${code}`, { timeoutMs: limitMs })).exitCode).toBe(code);
    }
    expect(await say(shared(), 'echo next')).toBe('next\n');
  });

  it('keeps the working directory and exported variables from command to command', async () => {
    await say(shared(), 'cd /tmp');
    await say(shared(), 'export CONTRACT_WORD="two words"');
    expect(await say(shared(), 'pwd; echo "$CONTRACT_WORD"')).toBe('/tmp\ntwo words\n');
    await say(shared(), 'cd /');
  });

  it('forgets variables that were not exported', async () => {
    await say(shared(), 'CONTRACT_LOCAL=1');
    expect(await say(shared(), 'echo "[$CONTRACT_LOCAL]"')).toBe('[]\n');
  });

  it('ends a command at its timeout: exit code 124, partial output, state from before, less than 1 s late', async () => {
    const expectWithin = await startClock(shared());
    const result = await shared().run('cd /tmp; echo begun; sleep 30; echo never', { timeoutMs: 700 });
    expectWithin(1_700);
    expect(result).toMatchObject({ exitCode: 124, timedOut: true });
    expect(textOf(result)).toBe('begun\n');
    expect(await say(shared(), 'pwd')).toBe('/\n');
  });

  it('stops a cancelled command at once, rejects with the reason and runs the next one', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const expectWithin = await startClock(shared());
    const running = shared().run('sleep 30', { timeoutMs: limitMs, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(running).rejects.toBe(reason);
    expectWithin(1_500);
    expect(await say(shared(), 'echo next')).toBe('next\n');
  });

  it('starts nothing when the signal has fired already', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(shared().run('echo x', { timeoutMs: limitMs, signal })).rejects.toThrow('before');
  });

  it('refuses a timeout that is not above zero', async () => {
    for (const timeoutMs of [0, -1, Number.NaN]) {
      await expect(shared().run('echo x', { timeoutMs })).rejects.toThrow(InputError);
    }
  });

  it('answers a command with a NUL character with a message and exit code 126', async () => {
    const result = await shared().run('echo a\0b', { timeoutMs: limitMs });
    expect(result.exitCode).toBe(126);
    expect(textOf(result)).toContain('NUL');
  });

  it('runs an empty command', async () => {
    expect((await shared().run('', { timeoutMs: limitMs })).exitCode).toBe(0);
    expect((await shared().run('# only a comment', { timeoutMs: limitMs })).exitCode).toBe(0);
  });
}

function fileContract(shared: Shared): void {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  it('brings binary files in and out unchanged, of any size and name', async () => {
    const names = [
      'plain',
      'with space',
      'quote\'"$`',
      'ünï — 文',
      '-rf',
      '.hidden',
      'new\nline',
      'deep/er/file',
    ];
    const files = names.map((path) => ({
      path,
      content: Buffer.concat([every, Buffer.from(path)]),
      mode: 0o644,
    }));
    files.push({ path: 'empty', content: Buffer.alloc(0), mode: 0o644 });
    files.push({ path: 'large', content: randomBytes(3_000_000), mode: 0o644 });
    await shared().upload('/contract/files', files);
    for (const { path, content } of files) {
      expect((await shared().readFile(`/contract/files/${path}`, 4_000_000))?.equals(content)).toBe(true);
    }
  });

  it('keeps modes, and shows kind, size and mode of a path', async () => {
    await shared().upload('/contract/modes', [{ path: 'run.sh', content: Buffer.from('x'), mode: 0o751 }]);
    expect(await shared().stat('/contract/modes/run.sh')).toMatchObject({
      kind: 'file',
      sizeBytes: 1,
      mode: 0o751,
    });
    expect(await shared().stat('/contract/modes')).toMatchObject({ kind: 'directory' });
  });

  it('answers null for what is not there', async () => {
    expect(await shared().readFile('/contract/none', 10)).toBeNull();
    expect(await shared().stat('/contract/none')).toBeNull();
    expect(await shared().download('/contract/none', join(tmpdir(), randomUUID()), smallLimits)).toBeNull();
    expect(await shared().readFile('/contract/files', 10)).toBeNull();
  });

  it('refuses to read more than was asked for', async () => {
    await shared().upload('/contract/size', [
      { path: 'ten', content: Buffer.from('0123456789'), mode: 0o644 },
    ]);
    await expect(shared().readFile('/contract/size/ten', 9)).rejects.toThrow(SandboxError);
    expect(await shared().readFile('/contract/size/ten', 10)).toHaveLength(10);
  });

  it('refuses to upload outside the target folder', async () => {
    for (const path of ['../x', 'a/../../x', '/etc/x', '', 'a//b']) {
      const upload = shared().upload('/contract/in', [{ path, content: Buffer.alloc(0), mode: 0o644 }]);
      await expect(upload).rejects.toThrow(InputError);
    }
  });

  it('downloads a folder with sizes and digests', async () => {
    await shared().upload('/contract/down', [
      { path: 'a.txt', content: Buffer.from('hello'), mode: 0o644 },
      { path: 'b/c.sh', content: every, mode: 0o755 },
    ]);
    await using host = temporaryFolder();
    const report = await shared().download('/contract/down', host.path, smallLimits);
    expect(report?.refused).toEqual([]);
    expect([...(report?.files ?? [])].sort((one, two) => one.path.localeCompare(two.path))).toEqual([
      {
        path: 'a.txt',
        sizeBytes: 5,
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      },
      {
        path: 'b/c.sh',
        sizeBytes: 256,
        sha256: '40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880',
      },
    ]);
    expect(await readFile(join(host.path, 'b/c.sh'))).toEqual(every);
    expect((await stat(join(host.path, 'b/c.sh'))).mode & 0o777).toBe(0o700);
  });

  it('lists what exceeds the limits of a download instead of writing it', async () => {
    const file = (path: string, size: number) => ({ path, content: Buffer.alloc(size), mode: 0o644 });
    await shared().upload('/contract/limits', [
      file('1-small', 10),
      file('2-large', 2_000),
      file('3-small', 10),
    ]);
    await using host = temporaryFolder();
    const perFile = { ...smallLimits, maxFileBytes: 1_000 };
    const report = await shared().download('/contract/limits', host.path, perFile);
    expect(report?.files.map(({ path }) => path)).toEqual(['1-small', '3-small']);
    expect(report?.refused.map(({ path }) => path)).toEqual(['2-large']);
    await using other = temporaryFolder();
    const total = await shared().download('/contract/limits', other.path, {
      ...smallLimits,
      maxTotalBytes: 15,
    });
    expect(total?.files).toHaveLength(1);
    await using third = temporaryFolder();
    const entries = await shared().download('/contract/limits', third.path, {
      ...smallLimits,
      maxEntries: 2,
    });
    expect(entries?.files.length).toBeLessThan(3);
    expect(entries?.refused.length).toBeGreaterThan(0);
  });

  it('removes files and trees, and does not mind what is not there', async () => {
    await shared().upload('/contract/gone', [
      { path: 'a/b/c', content: Buffer.alloc(1), mode: 0o400 },
      { path: 'd', content: Buffer.alloc(1), mode: 0o644 },
    ]);
    await shared().remove('/contract/gone/d');
    expect(await shared().stat('/contract/gone/d')).toBeNull();
    expect(await shared().stat('/contract/gone/a/b/c')).not.toBeNull();
    await shared().remove('/contract/gone');
    expect(await shared().stat('/contract/gone')).toBeNull();
    await shared().remove('/contract/gone');
    await shared().remove('/contract/never/was');
  });
}

function execContract(shared: Shared): void {
  it('runs a program with its arguments as they are, stdout and stderr apart', async () => {
    const result = await shared().exec(['echo', 'a b', '$HOME', ';'], { timeoutMs: limitMs });
    expect(result).toMatchObject({
      stdout: 'a b $HOME ;\n',
      stderr: '',
      exitCode: 0,
      timedOut: false,
      droppedBytes: 0,
    });
  });

  it('leaves the shell alone: no state comes from it or goes to it', async () => {
    await say(shared(), 'cd /tmp; export FROM_SHELL=1');
    const result = await shared().exec(
      ['sh', '-c', 'pwd; echo "[$FROM_SHELL][$GIVEN]"; cd /usr; export GIVEN=2'],
      {
        timeoutMs: limitMs,
        cwd: '/usr',
        env: { GIVEN: 'x' },
      },
    );
    expect(result.stdout).toBe('/usr\n[][x]\n');
    expect(await say(shared(), 'pwd; echo "[$GIVEN]"; cd /')).toBe('/tmp\n[]\n');
  });

  it('ends a program at its timeout', async () => {
    const expectWithin = await startClock(shared());
    const result = await shared().exec(['sh', '-c', 'echo begun; sleep 30'], { timeoutMs: 500 });
    expectWithin(2_500);
    expect(result).toMatchObject({ stdout: 'begun\n', exitCode: 124, timedOut: true });
  });

  it('tells the exit code of a program, and 127 for one that is not there', async () => {
    expect((await shared().exec(['sh', '-c', 'exit 3'], { timeoutMs: limitMs })).exitCode).toBe(3);
    expect((await shared().exec(['no-such-program'], { timeoutMs: limitMs })).exitCode).toBe(127);
  });

  it('starts a program only when it is told to, and not at all when that fails', async () => {
    const uploaded = pause(400).then(() =>
      shared().upload('/contract/after', [{ path: 'go', content: Buffer.from('now'), mode: 0o644 }]),
    );
    const result = await shared().exec(['cat', '/contract/after/go'], {
      timeoutMs: 350,
      after: uploaded,
    });
    expect(result).toMatchObject({ stdout: 'now', exitCode: 0, timedOut: false });
    const failed = pause(200).then(() => Promise.reject(new Error('no upload')));
    const never = shared().exec(['touch', '/contract/after/never'], { timeoutMs: limitMs, after: failed });
    await expect(never).rejects.toThrow('no upload');
    expect(await shared().stat('/contract/after/never')).toBeNull();
  });

  it('rejects with the reason when cancelled', async () => {
    const controller = new AbortController();
    const running = shared().exec(['sleep', '30'], { timeoutMs: limitMs, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(running).rejects.toThrow('enough');
  });
}

function outputContract(subject: SandboxSubject): void {
  const limits = { head: 4, tail: 3 };
  const cases: readonly (readonly [string, string, string, string, number])[] = [
    ['fits', 'abcdefg', 'abcdefg', '', 0],
    ['is one too long', 'abcdefgh', 'abcd', 'fgh', 1],
    ['has characters beyond the first plane', '😀1😀2x😀3😀4', '😀1😀2', '3😀4', 2],
    ['has accents', 'ééééééééééé', 'éééé', 'ééé', 4],
  ];
  for (const [what, text, head, tail, elided] of cases) {
    it(`keeps head and tail in code points when the output ${what}`, async () => {
      await using sandbox = await subject.open({ outputLimits: limits });
      await sandbox.upload('/contract', [{ path: 'out', content: Buffer.from(text), mode: 0o644 }]);
      const { output } = await sandbox.run('cat /contract/out', { timeoutMs: limitMs });
      expect(output).toEqual({ head, tail, elided, totalBytes: Buffer.byteLength(text) });
    });
  }

  it('replaces invalid UTF-8 and keeps NUL, escapes and carriage returns', async () => {
    await using sandbox = await subject.open();
    const bytes = Buffer.from('a\0b\x1b[2J\r50%\r100%\b\x07', 'latin1');
    const content = Buffer.concat([bytes, Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f])]);
    await sandbox.upload('/contract', [{ path: 'out', content, mode: 0o644 }]);
    const result = await sandbox.run('cat /contract/out', { timeoutMs: limitMs });
    expect(textOf(result)).toBe(new TextDecoder().decode(content));
    expect(result.output.totalBytes).toBe(content.length);
  });
}

function endContract(subject: SandboxSubject): void {
  it('tells what it killed when the shell ends, and still moves files and runs harness commands', async () => {
    await using sandbox = await subject.open();
    const running = sandbox.run('sleep 30', { timeoutMs: limitMs });
    await pause(300);
    const { killed } = await sandbox.endShell();
    expect(killed.join('\n')).toMatch(/sleep/);
    expect((await running).exitCode).not.toBe(0);
    expect((await sandbox.exec(['echo', 'still'], { timeoutMs: limitMs })).stdout).toBe('still\n');
    await sandbox.upload('/contract', [{ path: 'x', content: Buffer.from('1'), mode: 0o644 }]);
    expect((await sandbox.readFile('/contract/x', 1))?.toString()).toBe('1');
  });

  it('kills nothing when no command is under way', async () => {
    await using sandbox = await subject.open();
    await say(sandbox, 'echo x');
    expect((await sandbox.endShell()).killed).toEqual([]);
  });

  it('may be disposed twice', async () => {
    const sandbox = await subject.open();
    await sandbox[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
}
