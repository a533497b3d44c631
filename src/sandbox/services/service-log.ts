import { sleep } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { demultiplex } from '../connection/demultiplex.js';
import type { EngineClient } from '../connection/engine-client.js';
import { ByteCapture } from '../shell/byte-capture.js';

/** Kept by the engine of a service's output, and of that by us. */
export const logBytes = 2 ** 20;

interface LoggedService {
  readonly id: string;
  /** A terminal's output comes as it is, not in frames. */
  readonly isTerminal: boolean;
}

const readsOfAnEmptyLog = 4;

/**
 * The end of what a service printed. The engine starts its file anew whenever it is full, and a read in that moment finds nothing,
 * so an empty log is read again. Read whole: the engine's own search for the last lines meets that moment far more often.
 */
export async function readLog(
  client: EngineClient,
  service: LoggedService,
  signal?: AbortSignal,
): Promise<string> {
  for (let left = readsOfAnEmptyLog; ; left -= 1) {
    const log = await readOnce(client, service, signal);
    if (log !== '' || left === 1) return log;
    await sleep(25, signal);
  }
}

async function readOnce(
  client: EngineClient,
  { id, isTerminal }: LoggedService,
  signal?: AbortSignal,
): Promise<string> {
  const query = { stdout: '1', stderr: '1' };
  const call = {
    method: 'GET',
    path: `/containers/${id}/logs`,
    query,
    signal,
    what: 'read the log of a service',
  } as const;
  const stream = await client.stream(call);
  const captured = new ByteCapture(logBytes);
  try {
    if (isTerminal) for await (const chunk of stream) captured.push(chunk as Buffer);
    else {
      const { stdout, stderr, closed } = demultiplex(stream);
      for (const part of [stdout, stderr]) part.on('data', (chunk: Buffer) => captured.push(chunk));
      await closed;
    }
  } catch (error) {
    throw new SandboxError('the log of a service cannot be read', { cause: error });
  } finally {
    stream.destroy();
  }
  return captured.text();
}
