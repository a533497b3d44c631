import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ControlReader, OutputReader, outputMarker, type ControlMessage } from './frame.js';

const nonce = '0123456789abcdef0123456789abcdef';

/** Bytes cut at random places. */
function chunked(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

/** Bytes with many \1 and pieces of markers among them. */
const output = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\u0001', `\u0001${nonce}`, `\u0001${nonce} 7`, '-\n', '+\n', 'text')
        .map((text) => Buffer.from(text)),
      fc.constantFrom(
        outputMarker(nonce, 6, '-'),
        outputMarker(nonce, 8, '+'),
        outputMarker('f'.repeat(32), 7, '-'),
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts))
  .filter((bytes) => !bytes.includes(outputMarker(nonce, 7, '-')));

/** What a prepared shell that died before its turn left is not output. */
function withoutMarkers(bytes: Buffer): Buffer {
  const marker = new RegExp(`\u0001${nonce} \\d{1,12}[+-]\n`, 'g');
  return Buffer.from(bytes.toString('latin1').replaceAll(marker, ''), 'latin1');
}

describe('OutputReader', () => {
  it('finds exactly the bytes between a command’s markers, whatever they are and however they are cut', () => {
    fc.assert(
      fc.property(
        output,
        output,
        output,
        fc.array(fc.nat(), { maxLength: 20 }),
        (before, inside, after, cuts) => {
          fc.pre(!before.includes(outputMarker(nonce, 6, '+')));
          const stream = Buffer.concat([
            Buffer.from('six'),
            outputMarker(nonce, 6, '-'),
            before,
            outputMarker(nonce, 6, '+'),
            inside,
            outputMarker(nonce, 7, '-'),
            after,
          ]);
          const seen: Buffer[] = [];
          let ends = 0;
          const reader = new OutputReader(nonce);
          const listener = {
            onData: (bytes: Buffer) => void seen.push(Buffer.from(bytes)),
            onEnd: () => (ends += 1),
          };
          const next = (): void => reader.expect(7, listener);
          reader.expect(6, { onData: () => undefined, onEnd: next });
          for (const chunk of chunked(stream, cuts)) reader.push(chunk);
          expect(Buffer.concat(seen)).toEqual(withoutMarkers(inside));
          expect(ends).toBe(1);
        },
      ),
    );
  });

  it('never passes on the nonce of a marker that is out of turn', () => {
    const seen: string[] = [];
    const reader = new OutputReader(nonce);
    reader.expect(1, { onData: (bytes) => seen.push(bytes.toString()), onEnd: () => seen.push('end') });
    const stray = outputMarker(nonce, 2, '-');
    for (const part of [Buffer.from('gone'), stray, outputMarker(nonce, 1, '-')]) reader.push(part);
    expect(seen).toEqual(['gone', 'end']);
  });

  it('passes on output as it comes, but what could be the beginning of a marker', () => {
    const seen: string[] = [];
    const reader = new OutputReader(nonce);
    reader.expect(1, { onData: (bytes) => seen.push(bytes.toString()), onEnd: () => seen.push('end') });
    reader.push(Buffer.from('50%\r'));
    reader.push(Buffer.from(`x\u0001${nonce.slice(0, 5)}`));
    reader.push(Buffer.from('y'));
    expect(seen).toEqual(['50%\r', 'x', `\u0001${nonce.slice(0, 5)}y`]);
  });

  it('drops what comes between two commands', () => {
    const seen: string[] = [];
    const reader = new OutputReader(nonce);
    const listener = { onData: (bytes: Buffer) => void seen.push(bytes.toString()), onEnd: () => undefined };
    reader.expect(1, listener);
    reader.push(Buffer.concat([Buffer.from('a'), outputMarker(nonce, 1, '-'), Buffer.from('late')]));
    reader.push(Buffer.from('later'));
    reader.expect(2, listener);
    reader.push(Buffer.concat([Buffer.from('latest'), outputMarker(nonce, 1, '+'), Buffer.from('b')]));
    expect(seen).toEqual(['a', 'b']);
  });

  it('needs no more of a command whose leftovers have ended before the next one is expected', () => {
    const seen: string[] = [];
    const reader = new OutputReader(nonce);
    const listener = { onData: (bytes: Buffer) => void seen.push(bytes.toString()), onEnd: () => undefined };
    reader.expect(1, listener);
    reader.push(Buffer.from('half of it'));
    reader.abandon();
    const fence = outputMarker(nonce, 1, '+');
    reader.push(Buffer.concat([Buffer.from('late'), outputMarker(nonce, 1, '-'), fence.subarray(0, 9)]));
    reader.push(fence.subarray(9));
    reader.expect(2, listener);
    reader.push(Buffer.from('b'));
    expect(seen).toEqual(['half of it', 'b']);
  });
});

function readAll(chunks: readonly Buffer[]): { messages: ControlMessage[]; noise: string } {
  const messages: ControlMessage[] = [];
  const reader = new ControlReader(nonce, (message) => messages.push(message));
  for (const chunk of chunks) reader.push(chunk);
  return { messages, noise: reader.noise };
}

describe('ControlReader', () => {
  const event = (words: string): string => `\u0001${nonce} ${words}\n`;

  it('reads events and dumps however they are cut, with noise between them', () => {
    const body = Buffer.from([0x2f, 0x0a, 0, 1, 255, 10, 1, 0x7b, 10, 0]);
    const stream = Buffer.concat([
      Buffer.from('bash: noise\n'),
      Buffer.from(event('timeout 3')),
      Buffer.from('\u0001abcdef{\n'),
      body,
      Buffer.from('\u0001abcdef}\n'),
      Buffer.from(`half a line${event('end 3 0 0')}`),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (cuts) => {
        const { messages, noise } = readAll(chunked(stream, cuts));
        expect(messages).toEqual([
          { kind: 'event', words: ['timeout', '3'] },
          { kind: 'dump', token: 'abcdef', body },
          { kind: 'event', words: ['end', '3', '0', '0'] },
        ]);
        expect(noise).toBe('bash: noise\n');
      }),
    );
  });

  it('takes nothing with another nonce for an event', () => {
    expect(readAll([Buffer.from(`\u0001${'f'.repeat(32)} end 1 0 0\n\u0001 end 1 0 0\n`)]).messages).toEqual(
      [],
    );
  });

  it('gives up half a dump when the command’s end follows', () => {
    const stream = `\u0001abcdef{\n/tmp\n${event('end 4 137 0')}`;
    expect(readAll([Buffer.from(stream)]).messages).toEqual([
      { kind: 'event', words: ['end', '4', '137', '0'] },
    ]);
  });

  it('hears an event that came in the middle of a dump, and drops the dump', () => {
    const stream = `\u0001abcdef{\n/tmp${event('timeout 4')}\n\u0001abcdef}\n${event('end 4 0 0 0')}`;
    expect(readAll([Buffer.from(stream)]).messages).toEqual([
      { kind: 'event', words: ['timeout', '4'] },
      { kind: 'event', words: ['end', '4', '0', '0', '0'] },
    ]);
  });

  it('stays small whatever is written there', () => {
    const reader = new ControlReader(nonce, () => undefined);
    for (let turn = 0; turn < 100; turn += 1) reader.push(Buffer.alloc(64 * 1024, 120));
    reader.push(Buffer.from('\n\u0001abc{\n'));
    for (let turn = 0; turn < 100; turn += 1) reader.push(Buffer.alloc(64 * 1024, 120));
    expect(reader.noise.length).toBeLessThan(3_000);
    const messages: ControlMessage[] = [];
    const other = new ControlReader(nonce, (message) => messages.push(message));
    other.push(Buffer.alloc(3_000_000, 120));
    other.push(Buffer.from(`\n${event('ready bash 1')}`));
    expect(messages).toEqual([{ kind: 'event', words: ['ready', 'bash', '1'] }]);
  });
});
