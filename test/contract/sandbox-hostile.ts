import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeError } from '../../src/base/errors.js';
import type { CommandResult, Sandbox } from '../../src/sandbox/sandbox.js';
import { limitMs, say, startClock, textOf, type SandboxSubject } from './sandbox-subject.js';

/** Sends `signal` to every process of that name, with builtins only. */
const killByName = (name: string, signal: string): string =>
  `for p in /proc/[0-9]*; do read -r n <$p/comm && [ "$n" = ${name} ] && kill -${signal} \${p##*/}; done 2>/dev/null`;

/** An agent that breaks everything in its reach: each case in a sandbox of its own. */
export function hostileContract(subject: SandboxSubject): void {
  const survive = (
    what: string,
    attack: string,
    check: (result: CommandResult) => void,
    prepare = ':',
  ): void => {
    it(what, async () => {
      await using sandbox = await subject.open();
      await say(
        sandbox,
        `mkdir -p /tmp/kept; cd /tmp/kept 2>/dev/null || cd /usr; export KEPT=1; ${prepare}`,
      );
      const expectWithin = await startClock(sandbox);
      check(await sandbox.run(attack, { timeoutMs: limitMs }));
      expectWithin(limitMs + 1_000);
      await expectAlive(sandbox);
    });
  };

  survive('kill -9 -1', 'echo before; kill -9 -1; sleep 10; echo after', (result) => {
    expect(result.exitCode).toBe(137);
    expect(result.notice).toContain('killed');
  });
  survive('kill -TERM -1', 'kill -TERM -1; sleep 1', (result) => expect(result.exitCode).not.toBe(0));
  survive(
    'every shell killed by name',
    `${killByName('bash', '9')}; ${killByName('sh', '9')}; sleep 10`,
    (result) => expect(result.exitCode).toBe(137),
  );
  survive(
    'its relay killed',
    `echo one; ${killByName('tee', '9')}; ${killByName('cat', '9')}; echo two`,
    ({ notice }) => {
      expect(notice).toContain('output');
    },
  );
  survive('its waiter killed', 'kill -9 $PPID; sleep 10', ({ exitCode, notice }) => {
    expect(exitCode).toBe(137);
    expect(notice).toContain('killed');
  });
  survive('kill -STOP -1', 'kill -STOP -1; echo frozen', (result) => expect(result.timedOut).toBe(false));
  survive(
    'kill -STOP -1, with a state larger than a pipe',
    'kill -STOP -1; echo frozen',
    (result) => expect(result.timedOut).toBe(false),
    'export BIG=$(head -c 100000 /dev/zero | tr "\\0" a)',
  );
  survive(
    'PID 1 signalled',
    'for s in HUP INT QUIT TERM USR1 PIPE STOP KILL; do kill -$s 1; done; echo done',
    (result) => expect(textOf(result)).toBe('done\n'),
  );
  survive('/tmp removed', 'rm -rf /tmp; cd /; echo ok', (result) => expect(textOf(result)).toMatch(/ok\n$/));
  survive('/dev/null and /dev/shm removed', 'rm -rf /dev/null /dev/shm/*; echo ok', (result) =>
    expect(textOf(result)).toContain('ok\n'),
  );

  it('recovers from garbage written to every descriptor in reach, and shows no frame of its own', async () => {
    await using sandbox = await subject.open();
    await say(sandbox, 'cd /usr; export KEPT=1');
    const write = 'for f in /proc/[0-9]*/fd/*; do echo garbage >$f; done 2>/dev/null; sleep 0.2';
    const { output } = await sandbox.run(write, { timeoutMs: limitMs });
    expect(output.head + output.tail).not.toMatch(/[0-9a-f]{32}/);
    const expectWithin = await startClock(sandbox);
    const next = await sandbox.run('echo next', { timeoutMs: 60_000 });
    expectWithin(limitMs);
    if (next.exitCode !== 0) expect(next.notice).toContain('was lost');
    await expectAlive(sandbox);
  });

  it('says what is missing when the shell itself was removed', async () => {
    await using sandbox = await subject.open();
    const result = await sandbox.run(
      'rm -f $(command -v bash) /bin/bash /usr/bin/bash /bin/sh; echo removed',
      { timeoutMs: limitMs },
    );
    expect(textOf(result)).toContain('removed\n');
    for (let turn = 0; turn < 3; turn += 1) {
      const next = await sandbox.run('echo next', { timeoutMs: limitMs }).catch(() => null);
      expect([0, 126, 127, null]).toContain(next?.exitCode ?? null);
      if (next !== null) expect(textOf(next)).toMatch(/next|bash|sh/);
    }
  });

  it('says what happened when every program was removed, and never hangs', async () => {
    await using sandbox = await subject.open();
    await endOf(sandbox, 'rm -rf /bin/* /usr/bin/* /lib /usr/lib');
    for (let turn = 0; turn < 3; turn += 1) {
      expect([0, 126, 127, 137, 'sandbox']).toContain(await endOf(sandbox, 'echo next'));
    }
  });

  it('goes on when the process table was filled, and says what it did', async () => {
    await using sandbox = await subject.open({ pidsLimit: 60 });
    await endOf(sandbox, 'i=0; while [ $i -lt 100 ]; do sleep 600 & i=$((i+1)); done', 8_000);
    const ends: (number | string)[] = [];
    for (let turn = 0; turn < 4; turn += 1) ends.push(await endOf(sandbox, 'echo next'));
    expect(ends).not.toContain('sandbox');
    await sandbox.run(
      'for p in /proc/[0-9]*; do read -r n <$p/comm; [ "$n" = sleep ] && kill -9 ${p##*/}; done 2>/dev/null',
      { timeoutMs: limitMs },
    );
    expect(await endOf(sandbox, 'exit 0')).toBe(0);
  });

  it('ends a fork bomb at its timeout', async (test) => {
    await using sandbox = await subject.open({ pidsLimit: 100 });
    // Rootless engines on cgroups of version 1 set no limits, and say so: their fork bomb has the host's whole user.
    if (sandbox.limits.pids === null) test.skip('the engine sets no limit of processes');
    const expectWithin = await startClock(sandbox);
    const result = await sandbox.run('bomb() { bomb | bomb & }; bomb; sleep 20', { timeoutMs: 2_000 });
    expectWithin(10_000);
    expect(result.exitCode).not.toBe(0);
    await expectAlive(sandbox, false);
  });

  it('says so when memory ran out', async (test) => {
    await using sandbox = await subject.open({ memoryBytes: 64 * 2 ** 20 });
    if (sandbox.limits.memoryBytes === null) test.skip('the engine sets no limit of memory');
    const result = await sandbox.run('tail /dev/zero; echo "code $?"', { timeoutMs: limitMs });
    expect(textOf(result)).toContain('code 137');
    expect(result.outOfMemory).toBe(true);
    expect(await sandbox.run('echo next', { timeoutMs: limitMs })).toMatchObject({
      exitCode: 0,
      outOfMemory: false,
    });
  });

  it('names the memory limit when that took the whole container', async () => {
    await using sandbox = await subject.open({ memoryBytes: 64 * 2 ** 20 });
    const fill = 'dd if=/dev/zero of=/dev/shm/full bs=1M count=200 2>&1; exit 1';
    const result = await sandbox.run(fill, { timeoutMs: limitMs }).catch((error: unknown) => asError(error));
    if (result instanceof Error) expect(describeError(result)).toContain('memory limit was hit');
    // The kernel chooses its victim: dd alone, or the command's shell with it.
    else expect(result).toMatchObject(result.exitCode === 137 ? { outOfMemory: true } : { exitCode: 1 });
  });

  it('runs interactive programs into no hang', async () => {
    await using sandbox = await subject.open();
    for (const command of [
      'vi /etc/passwd',
      'more /etc/passwd',
      'less /etc/passwd',
      'sh -i',
      'top',
      'passwd',
      'su -',
    ]) {
      const expectWithin = await startClock(sandbox);
      await sandbox.run(command, { timeoutMs: 1_500 });
      expectWithin(2_500);
      expect(await say(sandbox, 'echo next')).toBe('next\n');
    }
  });

  it('reads a line of 300 MB and counts what it does not keep', async () => {
    await using sandbox = await subject.open();
    const result = await sandbox.run("head -c 300000000 /dev/zero | tr '\\0' x", { timeoutMs: 60_000 });
    expect(result.output).toMatchObject({ elided: 300_000_000 - 10_000, totalBytes: 300_000_000 });
    expect(result.output.head).toBe('x'.repeat(5_000));
  });

  it('holds nobody up while another sandbox floods', async () => {
    await using flooding = await subject.open();
    await using calm = await subject.open();
    const median = async (turns: number): Promise<number> => {
      const times: number[] = [];
      for (let turn = 0; turn < turns; turn += 1) {
        const startedAt = performance.now();
        await calm.run('true', { timeoutMs: limitMs });
        times.push(performance.now() - startedAt);
      }
      return times.sort((one, two) => one - two)[Math.floor(turns / 2)] ?? 0;
    };
    const before = await median(10);
    const flood = flooding.run('yes', { timeoutMs: 4_000 });
    await pause(500);
    expect(await median(40)).toBeLessThan(250 + 10 * before);
    expect((await flood).timedOut).toBe(true);
  });
}

/** The next commands work, in the state from before. */
async function expectAlive(sandbox: Sandbox, keepsState = true): Promise<void> {
  const result = await sandbox.run('echo "alive $KEPT"', { timeoutMs: limitMs });
  expect(textOf(result)).toBe(keepsState ? 'alive 1\n' : 'alive \n');
  expect(result.exitCode).toBe(0);
  expect((await sandbox.run('exit 5', { timeoutMs: limitMs })).exitCode).toBe(5);
}

/** The exit code, or `sandbox` for a SandboxError; anything else is a failure of the contract. */
async function endOf(sandbox: Sandbox, command: string, timeoutMs = limitMs): Promise<number | 'sandbox'> {
  try {
    return (await sandbox.run(command, { timeoutMs })).exitCode;
  } catch (error) {
    expect(error).toHaveProperty('code', 'sandbox');
    return 'sandbox';
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
