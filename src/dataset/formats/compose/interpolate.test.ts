import { describe, expect, it } from 'vitest';
import { parseComposeEnvFile } from './env-file.js';
import { interpolate } from './interpolate.js';
import { durationMs, sizeBytes, splitWords } from './units.js';

const variables = { A: 'a', EMPTY: '', N: '3' };

describe('interpolate', () => {
  it.each([
    ['$A-${A}-$$A-$', 'a-a-$A-$'],
    ['${NONE}|${NONE:-d}|${NONE-d}|${EMPTY:-d}|${EMPTY-d}', '|d|d|d|'],
    ['${A:+yes}|${NONE:+yes}|${EMPTY+set}', 'yes||set'],
    ['${NONE:-${A}x${B:-y}}', 'axy'],
    ['${A:-${NONE}}', 'a'],
  ])('%s becomes %s', (text, result) => {
    expect(interpolate(text, variables)).toBe(result);
  });

  it('throws where a required variable is missing or a brace is', () => {
    expect(() => interpolate('${NONE:?say it}', variables)).toThrow('NONE is not set: say it');
    expect(() => interpolate('${A', variables)).toThrow('no closing brace');
    expect(() => interpolate('${A!b}', variables)).toThrow('is no variable');
  });
});

describe('the units of a compose file', () => {
  it('are durations, sizes and words', () => {
    expect(['1m30s', '500ms', '0s', '5'].map(durationMs)).toEqual([90_000, 500, 0, null]);
    expect(['64m', '1gb', '512', 'x'].map(sizeBytes)).toEqual([64 * 2 ** 20, 2 ** 30, 512, null]);
    expect(splitWords(`sh -c "echo \\"a b\\"" 'c d' e\\ f`)).toEqual([
      'sh',
      '-c',
      'echo "a b"',
      'c d',
      'e f',
    ]);
  });
});

describe('parseEnvFile', () => {
  it('reads quotes, comments and variables', () => {
    const text = '# x\nexport A=1\nB="two words" # c\nC=\'$A\'\nD=${A}-${N}\nE=plain # c\nnot a line\n';
    expect(parseComposeEnvFile(text, variables)).toEqual({
      A: '1',
      B: 'two words',
      C: '$A',
      D: '1-3',
      E: 'plain',
    });
  });
});
