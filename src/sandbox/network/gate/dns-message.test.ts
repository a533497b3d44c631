import { expect, test } from 'vitest';
import { dnsAnswer, readQuestion } from './dns-message.js';
import { openNameBook } from './name-book.js';

const query = (name: string, type = 1): Buffer =>
  Buffer.concat([
    Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...name.split('.').flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)]),
    Buffer.from([0, 0, type, 0, 1]),
  ]);

test('a query is read and answered with one address', () => {
  const asked = query('Files.Example.org');
  const question = readQuestion(asked)!;
  expect(question).toMatchObject({ name: 'files.example.org', type: 1 });
  const answer = dnsAnswer(asked, question, { code: 0, address: '198.18.0.1' });
  expect([...answer.subarray(0, 12)]).toEqual([0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  expect([...answer.subarray(-4)]).toEqual([198, 18, 0, 1]);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a header alone', query('a.b').subarray(0, 12)],
  ['a name that goes on', query('a.b').subarray(0, 14)],
  [
    'a label that points elsewhere',
    Buffer.concat([query('a.b').subarray(0, 12), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])]),
  ],
  ['an answer', Buffer.concat([Buffer.from([0, 0, 0x80]), query('a.b').subarray(3)])],
])('%s is no question', (_what, bytes) => expect(readQuestion(bytes)).toBeNull());

test('each name has one address, and room ends', () => {
  const book = openNameBook();
  const first = book.addressOf('a.example')!;
  expect(book.addressOf('a.example')).toBe(first);
  const others = Array.from({ length: 16_383 }, (_, index) => book.addressOf(`n${index}.example`));
  expect(new Set([first, ...others]).size).toBe(16_384);
  expect(book.nameOf(others[999]!)).toBe('n999.example');
  expect(book.addressOf('one.more.example')).toBeNull();
  expect([book.nameOf('192.0.2.1'), book.nameOf('198.18.0.0'), book.nameOf('198.19.0.1')]).toEqual([
    null,
    null,
    null,
  ]);
});
