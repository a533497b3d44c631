import { openDeadline, onAbort } from '../../../base/deadline.js';
import { SandboxError } from '../../../base/errors.js';
import { readShellProgram } from '../../../base/shell/shell-program.js';
import type { ContainerStreams } from '../../container-streams.js';
import { provenCommand } from '../../sandbox-token.js';
import { ByteCapture } from '../byte-capture.js';
import { maxKeptKib, maxNoteBytes } from '../protocol.js';

/** A supervisor that another connection, or another tbench, spoke with: it keeps what came of its last command. */
export interface Predecessor {
  readonly pid: number;
  /** By which its frames are known. */
  readonly nonce: string;
}

/** What the ledger says of the last command that a supervisor was given. */
export interface LedgerEntry {
  readonly seq: number;
  /** How long it has run by now, or had when it ended. */
  readonly ranForMs: number;
}

const program = readShellProgram('./take-over.sh', import.meta.url);
const lookLimitMs = 30_000;
const maxKeptBytes = maxKeptKib * 1024 + 4096;

/** The last command of a supervisor; null when it was given none. Throws SandboxError when its ledger is not to be had. */
export async function lookAtLedger(
  streams: ContainerStreams,
  { pid }: Predecessor,
  { user, signal }: { readonly user: string | null; readonly signal?: AbortSignal | undefined },
): Promise<LedgerEntry | null> {
  const { stdout } = await ask(streams, ['look', String(pid)], { user, signal, limitMs: lookLimitMs });
  const text = stdout.toString('latin1');
  const uptime = /^(\d+)\.(\d\d) /.exec(text);
  if (uptime === null) throw new SandboxError('the supervisor of the sandbox left no ledger');
  return readLedger(text, Number(`${uptime[1]}${uptime[2]}`));
}

/** Times in a ledger are hundredths of a second since the machine started. */
export function readLedger(text: string, now: number): LedgerEntry | null {
  const begun = /^\u0001- run (\d+) (\d+)$/m.exec(text);
  if (begun === null) return null;
  const seq = Number(begun[1]);
  const ended = new RegExp(`^\\u0001- at ${seq} (\\d+)$`, 'm').exec(text);
  return { seq, ranForMs: Math.max(0, Number(ended?.[1] ?? now) - Number(begun[2])) * 10 };
}

/** Waits for the end of a command and returns the bytes of its output and of the ledger. */
export async function awaitKept(
  streams: ContainerStreams,
  { pid }: Predecessor,
  options: {
    readonly seq: number;
    readonly user: string | null;
    readonly limitMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ readonly output: Buffer; readonly ledger: Buffer }> {
  const { stdout, stderr } = await ask(streams, ['result', String(pid), String(options.seq)], options);
  return { output: stdout, ledger: stderr };
}

/** What a supervisor kept is on the host's disk, or needed no more. One that is gone has nothing to be told. */
export async function dismiss(
  streams: ContainerStreams,
  { pid }: Predecessor,
  user: string | null,
): Promise<void> {
  await ask(streams, ['taken', String(pid)], { user, limitMs: lookLimitMs }).catch((error: unknown) => {
    if (!(error instanceof SandboxError)) throw error;
  });
}

async function ask(
  streams: ContainerStreams,
  args: readonly string[],
  {
    user,
    limitMs,
    signal,
  }: {
    readonly user: string | null;
    readonly limitMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ readonly stdout: Buffer; readonly stderr: Buffer }> {
  using deadline = openDeadline(limitMs, signal);
  const argv = provenCommand(streams.token, ['/bin/sh', '-c', program, 'sh', ...args]);
  const exec = await streams.open(argv, {
    user,
    cwd: '/',
    env: { LC_ALL: 'C' },
    stdin: false,
    signal: deadline.signal,
  });
  const stdout = new ByteCapture(2 * maxKeptBytes);
  const stderr = new ByteCapture(4 * maxNoteBytes);
  exec.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  exec.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  using _ends = onAbort(deadline.signal, () => exec.close());
  await exec.closed;
  signal?.throwIfAborted();
  const ended = deadline.signal.aborted ? null : await exec.inspect(signal);
  if (ended === null || (ended.exitCode !== null && ended.exitCode !== 0))
    throw new SandboxError(
      `the supervisor ${args[1] ?? ''} of the sandbox does not show what it kept (${args[0] ?? ''}: ${ended === null ? 'no answer' : `exit code ${ended.exitCode ?? '?'}`})`,
    );
  return { stdout: stdout.bytes(), stderr: stderr.bytes() };
}
