import { expect, test } from 'vitest';
import { TaskError } from '../base/errors.js';
import { resolveEnv } from './resolve-env.js';

test('fills in values that are entirely a reference and leaves the others as written', () => {
  const env = {
    A: '${KEY}',
    B: '${NONE:-fall back}',
    C: '${EMPTY:-x}',
    D: '${EMPTY}',
    E: 'pre-${KEY}',
    F: '${NONE:-}',
    G: '$KEY',
  };
  expect(resolveEnv(env, { KEY: 'k', EMPTY: '' })).toEqual({
    A: 'k',
    B: 'fall back',
    C: 'x',
    D: '',
    E: 'pre-${KEY}',
    F: '',
    G: '$KEY',
  });
});

test('a name that is not set is an error that names it and its place', () => {
  const resolve = (): unknown => resolveEnv({ A: '${KEY}' }, {}, 'fix-git: verifier.env');
  expect(resolve).toThrow(TaskError);
  expect(resolve).toThrow('fix-git: verifier.env.A needs KEY');
  expect(resolve).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--pass-env KEY') as string }) as Error,
  );
});
