import { SandboxError } from '../../../base/errors.js';
import { agentCommandSteps } from '../command-limit.js';
import type { ContainerStreams } from '../../container-streams.js';
import { ControlReader, OutputReader, type ControlMessage } from '../channel/frame.js';
import { RunningCommand, type ChannelCommand, type CommandEnd } from '../channel/running-command.js';
import { commandToken } from '../channel/command-token.js';
import { awaitKept, lookAtLedger, type Predecessor } from './predecessor.js';

/** A command that another connection started, seen to its end. */
export interface InheritedCommand {
  readonly running: RunningCommand;
  readonly end: CommandEnd;
  /** As the sandbox's clock has it. */
  readonly durationMs: number;
}

const markerTries = 5;

/**
 * Waits for the end of a command that a predecessor runs and reads what it kept of it, which is all that its host would have
 * been told. Null when not all of it is there: it printed more than is kept, or something in the sandbox took it away.
 * Throws SandboxError when what is kept is of another command.
 */
export async function inheritCommand(
  streams: ContainerStreams,
  from: Predecessor,
  {
    command,
    user,
    signal,
  }: {
    readonly command: ChannelCommand;
    readonly user: string | null;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<InheritedCommand | null> {
  const { seq, timeoutMs } = command;
  const limitMs = timeoutMs + agentCommandSteps.giveUpAfterMs;
  // The end of the output and the command's end come on two ways.
  for (let tries = 0; tries < markerTries; tries += 1) {
    const { output, ledger } = await awaitKept(streams, from, { seq, user, limitMs, signal });
    const read = readKept(from, { command, output, ledger });
    if (read === null) continue;
    const end = await read.ended;
    const entry = await lookAtLedger(streams, from, { user, signal });
    return { running: read, end, durationMs: entry?.ranForMs ?? 0 };
  }
  return null;
}

/** The command as its own host would have seen it end; null while its output is not whole. */
export function readKept(
  { nonce }: Predecessor,
  kept: { readonly command: ChannelCommand; readonly output: Buffer; readonly ledger: Buffer },
): RunningCommand | null {
  const { command, output, ledger } = kept;
  const chunks: Buffer[] = [];
  const token = commandToken(nonce, command);
  const controls = { kill: () => undefined, tick: null, tickMs: 0 };
  const onOutput = (bytes: Buffer): void => void chunks.push(Buffer.from(bytes));
  const running = new RunningCommand({ ...command, onOutput }, token, controls);
  const ended = { isWhole: false };
  const reader = new OutputReader(nonce);
  reader.expect(command.seq, {
    onData: (bytes) => running.onData(bytes),
    onEnd: () => {
      ended.isWhole = true;
      running.onEnd();
    },
  });
  reader.push(output);
  const control = new ControlReader('-', (message) => tell(running, message, token));
  control.push(ledger);
  if (!ended.isWhole) return null;
  for (const bytes of chunks) command.onOutput(bytes);
  return running;
}

function tell(running: RunningCommand, message: ControlMessage, token: string): void {
  if (message.kind === 'dump') {
    if (message.token !== token)
      throw new SandboxError(`the sandbox keeps what came of another command than number ${running.seq}`);
    running.onDump(message.token, message.body);
    return;
  }
  const [word = '', ...rest] = message.words;
  if (word === 'relieved') running.relieved += Number(rest[1]);
  if (Number(rest[0]) === running.seq) running.onEvent(word, rest);
}
