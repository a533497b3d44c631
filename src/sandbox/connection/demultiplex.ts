import { Readable } from 'node:stream';

/** stdout and stderr of a hijacked stream, apart. Both must be read: one that is not holds up the other. */
export interface Demultiplexed {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
}

const headerBytes = 8;

/**
 * Splits the engine's multiplexed frames (`[stream, 0, 0, 0, length as big-endian uint32]`, then the payload) without
 * copying payloads, and stops reading the socket while a reader is behind. The end of the connection, even
 * in an error, is the end of both streams: what it meant is for the process's exit code to say.
 */
export function demultiplex(socket: Readable): Demultiplexed {
  const resume = (): void => {
    socket.resume();
  };
  const stdout = new Readable({ read: resume });
  const stderr = new Readable({ read: resume });
  const split = frameSplitter((stream, payload) => deliver(stream === 2 ? stderr : stdout, payload));
  socket.on('data', (chunk: Buffer) => {
    if (!split(chunk)) socket.pause();
  });
  const closed = new Promise<void>((resolve) => {
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      stdout.push(null);
      stderr.push(null);
      resolve();
    };
    socket.once('end', finish).once('close', finish).on('error', finish);
  });
  return { stdout, stderr, closed };
}

/** A reader that listens gets the bytes themselves, valid during the call; one that is behind gets a copy. */
function deliver(reader: Readable, payload: Buffer): boolean {
  return reader.push(isListening(reader) ? payload : Buffer.from(payload));
}

/** What comes now goes to a listener at once instead of into the stream's own queue. */
export function isListening(stream: Readable): boolean {
  return stream.readableFlowing === true && stream.readableLength === 0;
}

/**
 * Feeds chunks of any size, calls `emit` for each piece of payload. Returns false when one `emit` of the chunk did
 * (its reader is full).
 */
export function frameSplitter(
  emit: (stream: number, payload: Buffer) => boolean,
): (chunk: Buffer) => boolean {
  const header = Buffer.alloc(headerBytes);
  let headerFill = 0;
  let payloadLeft = 0;
  return (chunk) => {
    let wantsMore = true;
    let offset = 0;
    while (offset < chunk.length) {
      if (payloadLeft === 0) {
        const taken = chunk.copy(header, headerFill, offset, offset + headerBytes - headerFill);
        offset += taken;
        headerFill += taken;
        if (headerFill < headerBytes) break;
        headerFill = 0;
        payloadLeft = header.readUInt32BE(4);
      } else {
        const payload = chunk.subarray(offset, offset + payloadLeft);
        offset += payload.length;
        payloadLeft -= payload.length;
        if (!emit(header[0] ?? 1, payload)) wantsMore = false;
      }
    }
    return wantsMore;
  };
}
