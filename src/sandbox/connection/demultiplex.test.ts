import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { demultiplex, frameSplitter } from './demultiplex.js';

function frame(stream: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('frameSplitter', () => {
  it('gives back each stream byte for byte, however the frames are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 12,
    });
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 13 }));
    fc.assert(
      fc.property(frames, cuts, (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(([stream, payload]) => frame(stream, payload)));
        const got = { 1: [] as Buffer[], 2: [] as Buffer[] };
        const split = frameSplitter((stream, payload) => got[stream === 2 ? 2 : 1].push(payload) > 0);
        for (let at = 0; at < bytes.length;) {
          const size = Number(sizes.next().value);
          split(bytes.subarray(at, at + size));
          at += size;
        }
        for (const stream of [1, 2] as const) {
          const expected = Buffer.concat(
            sent.filter(([which]) => which === stream).map(([, payload]) => payload),
          );
          expect(Buffer.concat(got[stream]).equals(expected)).toBe(true);
        }
      }),
    );
  });
});

describe('demultiplex', () => {
  it('ends both streams when the connection ends', async () => {
    const socket = new PassThrough();
    const { stdout, stderr, closed } = demultiplex(socket);
    socket.write(frame(1, Buffer.from('out')));
    socket.end(frame(2, Buffer.from('err')));
    expect((await collect(stdout)).toString()).toBe('out');
    expect((await collect(stderr)).toString()).toBe('err');
    await closed;
  });

  it('ends both streams without an error when the connection breaks', async () => {
    const socket = new PassThrough();
    const { stdout, stderr, closed } = demultiplex(socket);
    socket.destroy(new Error('reset'));
    expect(await collect(stdout)).toHaveLength(0);
    expect(await collect(stderr)).toHaveLength(0);
    await closed;
  });

  it('stops reading the connection while nobody reads the output', async () => {
    const socket = new PassThrough({ highWaterMark: 1024 });
    const { stdout } = demultiplex(socket);
    let written = 0;
    while (socket.write(frame(1, Buffer.alloc(16_384))) || written < 40) {
      written += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (socket.isPaused() || written > 1000) break;
    }
    expect(socket.isPaused()).toBe(true);
    expect(stdout.readableLength).toBeLessThan(200_000);
    stdout.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.isPaused()).toBe(false);
    socket.destroy();
  });
});
