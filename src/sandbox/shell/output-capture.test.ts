import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputCapture } from './output-capture.js';

/** What the capture must say, the slow way. */
function expected(bytes: Buffer, head: number, tail: number) {
  const points = Array.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const elided = Math.max(0, points.length - head - tail);
  return {
    head: (elided === 0 ? points : points.slice(0, head)).join(''),
    tail: elided === 0 ? '' : points.slice(points.length - tail).join(''),
    elided,
    totalBytes: bytes.length,
  };
}

const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((raw) => Buffer.from(raw)),
      fc
        .constantFrom('a', 'é', '文', '😀', '\0', '\u001b[0m', '\ufeff', 'x'.repeat(40))
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom([0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0], [0xf5, 0x80])
        .map((raw) => Buffer.from(raw)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts));

describe('OutputCapture', () => {
  it('keeps head and tail in code points and counts the rest exactly, for any bytes in any chunks', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(12),
        fc.nat(12),
        fc.array(fc.nat(9), { maxLength: 60 }),
        (all, head, tail, sizes) => {
          const capture = new OutputCapture({ head, tail });
          let at = 0;
          for (const size of sizes) {
            capture.push(all.subarray(at, at + size));
            at += size;
          }
          capture.push(all.subarray(Math.min(at, all.length)));
          expect(capture.finish()).toEqual(expected(all, head, tail));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not grow with the output', () => {
    const capture = new OutputCapture({ head: 5_000, tail: 5_000 });
    const chunk = Buffer.alloc(64 * 1024, 'é');
    const before = process.memoryUsage().arrayBuffers;
    for (let turn = 0; turn < 2_000; turn += 1) capture.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 2 ** 20);
    expect(capture.finish().elided).toBe((2_000 * 64 * 1024) / 2 - 10_000);
  });
});
