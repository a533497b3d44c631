import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SseReader } from './sse-reader.js';

function read(bytes: Buffer, cuts: readonly number[]): string[] {
  const reader = new SseReader();
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index] ?? 0, end));
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

describe('an event stream', () => {
  it('yields the data of its events, without comments and other fields', () => {
    const text = ': ping\n\nevent: x\ndata: {"a":1}\nid: 7\n\ndata: one\ndata:two\n\ndata: [DONE]\n\n';
    expect(read(Buffer.from(text), [])).toEqual(['{"a":1}', 'one\ntwo', '[DONE]']);
  });

  it('may use carriage returns and end without a blank line', () => {
    expect(read(Buffer.from('data: a\r\n\r\ndata: b'), [])).toEqual(['a', 'b']);
  });

  it('yields the same however the bytes are cut, inside a character too', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        (events, cuts) => {
          const bytes = Buffer.from(events.map((event) => `data: ${event}\n\n`).join(''));
          const within = cuts.map((cut) => Math.min(cut, bytes.length));
          expect(read(bytes, within)).toEqual(events);
        },
      ),
    );
  });

  it('refuses an event without end', () => {
    const reader = new SseReader();
    const block = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let i = 0; i < 9; i += 1) reader.push(block);
    }).toThrow(RangeError);
  });

  it('is in an event from its data on, and not in comments', () => {
    const reader = new SseReader();
    const seen = [': ping\n\n', ': lo', 'ng\n\n', 'dat', 'a: {"a"', ':1}\n', '\n', ':\n'].map((text) => {
      reader.push(Buffer.from(text));
      return reader.inEvent;
    });
    expect(seen).toEqual([false, false, false, false, false, true, false, false]);
  });

  it('is read in a time that grows with its length, however small the pieces', () => {
    const reader = new SseReader();
    const piece = Buffer.from('x'.repeat(500));
    for (let sent = 0; sent < 8_000_000; sent += piece.length) reader.push(piece);
    expect(reader.push(Buffer.from('\n'))).toEqual([]);
    expect(new SseReader().push(Buffer.from(`data: x\n\n`.repeat(1_000_000)))).toHaveLength(1_000_000);
  });
});
