import { lstat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { connect, type Socket } from 'node:net';
import { basename } from 'node:path';
import { z } from 'zod';
import { openDeadline } from '../../base/deadline.js';
import { EnvironmentError, InputError } from '../../base/errors.js';
import { parseJson } from '../../base/json-value.js';
import {
  controlAnswerSchema,
  type ControlAnswer,
  type ControlCommand,
  controlCommandSchema,
} from '../../record/control-command.js';
import { jobPaths } from '../../results/layout.js';
import { isClaimed } from '../store/job-claim.js';
import { readLine } from './read-line.js';
import { openSocketAddress } from './socket-address.js';

const answerLimitMs = 10_000;
const maxAnswerBytes = 64 * 1024;

/** Whether a process works on the job in `dir`, so that it can be told something. */
export async function isJobRunning(dir: string): Promise<boolean> {
  return isClaimed(jobPaths(dir));
}

/**
 * Tells the running job in `dir` a command and returns its answer. Throws `InputError` where no process works on the
 * job, and `EnvironmentError` where that process cannot be reached.
 */
export async function sendCommand(
  dir: string,
  command: ControlCommand,
  signal: AbortSignal,
): Promise<ControlAnswer> {
  const name = basename(dir);
  if (!(await isJobRunning(dir)))
    throw new InputError(`job ${name} is not running`, {
      hint: `tbench status ${name} says where it stands.`,
    });
  const asked = controlCommandSchema.safeParse(command);
  if (!asked.success) throw new InputError(`no job takes this: ${z.prettifyError(asked.error)}`);
  await requireOwnSocket(dir);
  using limit = openDeadline(answerLimitMs, signal);
  await using at = await openSocketAddress(dir, basename(jobPaths(dir).control));
  const socket = connect(at.address);
  try {
    socket.write(`${JSON.stringify(command)}\n`);
    const line = await readLine(socket, { maxBytes: maxAnswerBytes, signal: limit.signal });
    signal.throwIfAborted();
    const answer = controlAnswerSchema.safeParse(parseJson(line ?? ''));
    if (!answer.success) throw unreachable(dir, 'its process does not answer');
    return answer.data;
  } finally {
    endNow(socket);
  }
}

/** A stranger's folder may hold a socket, or a link to one, that belongs to somebody else. */
async function requireOwnSocket(dir: string): Promise<void> {
  const stats = await lstat(jobPaths(dir).control).catch(() => null);
  if (stats === null) throw unreachable(dir, 'its process takes no commands');
  if (!stats.isSocket() || stats.uid !== userInfo().uid) throw unreachable(dir, 'its socket is not yours');
}

function unreachable(dir: string, what: string): EnvironmentError {
  return new EnvironmentError(`job ${basename(dir)} cannot be told anything: ${what}`, {
    hint: 'It takes commands on the machine that runs it, from the user who started it, since tbench 0.2.',
  });
}

function endNow(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.destroy();
}
