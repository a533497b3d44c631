import { expect, test } from 'vitest';
import { withMirror } from './pull.js';

test.each([
  'https://github.com/acme/set.git',
  'ssh://git@github.com:22/acme/set.git',
  'git@github.com:acme/set.git',
  'git://host/acme/set.git',
])('a mirror stands for scheme and host of %s', (url) => {
  expect(withMirror(url, 'http://127.0.0.1:8/git/')).toBe('http://127.0.0.1:8/git/acme/set.git');
  expect(withMirror(url, null)).toBe(url);
});
