import type { Readable } from 'node:stream';
import { startTimer } from '../../../base/deadline.js';
import { Pace, type PaceLimits } from './pace.js';

/** Gives what comes from a stream to `take`, no faster than the limits allow. */
export function readPaced(stream: Readable, limits: PaceLimits, take: (chunk: Buffer) => void): void {
  const pace = new Pace(limits);
  stream.on('data', (chunk: Buffer) => {
    take(chunk);
    const pauseMs = pace.take(chunk.length);
    if (pauseMs === 0) return;
    stream.pause();
    startTimer(pauseMs, () => stream.resume());
  });
}
