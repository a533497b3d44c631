import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteCapture } from './byte-capture.js';

it('keeps the first and the last half and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 })),
      fc.integer({ min: 2, max: 30 }),
      (chunks, max) => {
        const capture = new ByteCapture(max);
        for (const chunk of chunks) capture.push(Buffer.from(chunk));
        const all = chunks.join('');
        const half = Math.floor(max / 2);
        const fits = all.length <= 2 * half;
        expect(capture.text()).toBe(fits ? all : all.slice(0, half) + all.slice(-half));
        expect(capture.dropped).toBe(fits ? 0 : all.length - 2 * half);
      },
    ),
  );
});
