import { describe, expect, it } from 'vitest';
import { parsePathStat } from './path-stat.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe('parsePathStat', () => {
  it.each([
    [
      { size: 5, mode: 0o644 },
      { kind: 'file', sizeBytes: 5, mode: 0o644, linkTarget: '' },
    ],
    [
      { size: 5, mode: 0o755, linkTarget: '/x' },
      { kind: 'file', sizeBytes: 5, mode: 0o755, linkTarget: '' },
    ],
    [
      { size: 0, mode: 2 ** 31 + 2 ** 20 + 0o777 },
      { kind: 'directory', sizeBytes: 0, mode: 0o1777, linkTarget: '' },
    ],
    [
      { size: 0, mode: 2 ** 27 + 0o777, linkTarget: '/t' },
      { kind: 'symlink', sizeBytes: 0, mode: 0o777, linkTarget: '/t' },
    ],
    [
      { size: 1, mode: 2 ** 23 + 0o755 },
      { kind: 'file', sizeBytes: 1, mode: 0o4755, linkTarget: '' },
    ],
    [
      { size: 0, mode: 2 ** 25 + 0o600 },
      { kind: 'other', sizeBytes: 0, mode: 0o600, linkTarget: '' },
    ],
    [
      { size: 0, mode: 2 ** 26 + 2 ** 21 + 0o666 },
      { kind: 'other', sizeBytes: 0, mode: 0o666, linkTarget: '' },
    ],
  ])("reads Go's file mode in %j", (sent, stat) => {
    expect(parsePathStat(encode({ name: 'x', ...sent }))).toEqual(stat);
  });

  it.each([undefined, 'rubbish', encode({ name: 'x' })])('throws on %s', (header) => {
    expect(() => parsePathStat(header)).toThrow(/not understood/);
  });
});
