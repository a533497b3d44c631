import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShellChannel } from '../channel/shell-channel.js';
import { bootCommand, supervisorProgram } from '../supervisor.js';

/** Marks are visible to every supervisor of this machine: no sandbox has numbers this high. */
const firstSeq = 8_000_000_000 + process.pid * 100;

describe('the supervisor, run by itself on this machine', () => {
  let channel: ShellChannel;
  let ended: Promise<unknown>;
  let seq = firstSeq;

  beforeEach(async () => {
    const [file = '', ...argv] = bootCommand;
    const child = spawn(file, argv, { cwd: '/tmp', stdio: 'pipe' });
    ended = once(child, 'close');
    channel = await ShellChannel.open({
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      closed: ended.then(() => undefined),
      inspect: () => Promise.resolve({ running: true, exitCode: null, hostPid: 0 }),
      close: () => child.stdin.destroy(),
    });
  });

  afterEach(async () => {
    // A supervisor whose host goes without a word waits for another one.
    if (channel.isOpen) await channel.rest();
    channel.close();
    await ended;
  });

  async function run(
    command: string,
    state = channel.initialState,
    timeoutMs = 10_000,
  ): Promise<{ text: string; exitCode: number | null; timedOut: boolean; state: typeof state | null }> {
    const chunks: Buffer[] = [];
    seq += 1;
    const onOutput = (bytes: Buffer): void => void chunks.push(Buffer.from(bytes));
    const running = channel.start({ seq, command, state, fallbackDir: '/', timeoutMs, onOutput });
    const end = await running.ended;
    const exitCode = end.kind === 'exited' ? end.exitCode : null;
    return {
      text: Buffer.concat(chunks).toString(),
      exitCode,
      timedOut: running.timedOut,
      state: running.state,
    };
  }

  it('shows the directory and the environment that it was started with', () => {
    expect(channel.initialState.cwd.toString()).toBe('/tmp');
    expect(channel.initialState.environment.toString()).toContain('PATH=');
  });

  it('runs a command, passes its output on and tells its exit code', async () => {
    expect(await run('echo out; echo err >&2; exit 7')).toMatchObject({ text: 'out\nerr\n', exitCode: 7 });
  });

  it('hands the state of one command to the next', async () => {
    const { state } = await run('cd /usr && export word="two words"');
    expect(state?.cwd.toString()).toBe('/usr');
    expect(await run('echo "$PWD $word"', state ?? channel.initialState)).toMatchObject({
      text: '/usr two words\n',
    });
  });

  it('ends a command and its children at the time limit', async () => {
    const { timedOut, text } = await run('echo begun; sleep 60 & sleep 60', undefined, 300);
    expect({ timedOut, text }).toEqual({ timedOut: true, text: 'begun\n' });
  });

  it('lets nothing through of what a command left running', async () => {
    await run('(sleep 0.2; echo late) &');
    expect(await run('sleep 0.4; echo mine')).toMatchObject({ text: 'mine\n' });
  });
});

describe('the text of the supervisor', () => {
  it('holds every file, none of its comments, and ends with the nonce and the numbers of protocol.ts', () => {
    const text = supervisorProgram('abc');
    expect(text).not.toMatch(/^ *#|^\. /m);
    for (const name of ['say', 'watch_limit', 'tree', 'run_next', 'prepare_slot', 'retire', 'start_plain'])
      expect(`\n${text}`).toContain(`\n${name}() {`);
    expect(text).toMatch(/\nsupervise abc 64 4398046511104 9 1052672 6 7 1024\n$/);
  });

  it('lists in messages.sh each message that it sends', () => {
    const listed = readFileSync(new URL('./messages.sh', import.meta.url), 'utf8');
    const said = [...supervisorProgram('abc').matchAll(/\bsay (\w+)/g)].map(([, word]) => word ?? '');
    expect(said.length).toBeGreaterThan(5);
    for (const word of said) expect(listed).toMatch(new RegExp(`^#.*\\b${word}\\b`, 'm'));
  });
});
