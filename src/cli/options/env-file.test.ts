import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { parseEnvFile, withEnvFiles } from './env-file.js';

test('lines of NAME=value are read as Docker and Node read them', () => {
  const text = '# keys\nA=1\nexport B = two words # a comment\r\nC="x # y"\nD=\'$A\'\nE=\nF=a=b\n\n';
  expect(parseEnvFile('f', text)).toEqual({ A: '1', B: 'two words', C: 'x # y', D: '$A', E: '', F: 'a=b' });
});

test('a line that is none is told by its number, without its text', () => {
  expect(() => parseEnvFile('keys.env', 'A=1\nsk-secret\n')).toThrow(
    /^--env-file keys\.env:2: not NAME=value$/,
  );
});

test('a later file wins over an earlier one, and what is set wins over both', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({ one: 'A=1\nB=1\nC=1\n', two: 'B=2\nC=2\n' });
  const env = await withEnvFiles([`${dir}/one`, `${dir}/two`], { C: '3' });
  expect(env).toEqual({ A: '1', B: '2', C: '3' });
  await expect(withEnvFiles([`${dir}/three`], {})).rejects.toThrow(/three: there is no such file/);
});
