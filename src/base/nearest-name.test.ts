import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.js';

test('a key of a megabyte in a stranger’s file is answered at once', { timeout: 2000 }, () => {
  expect(nearestName('x'.repeat(2 ** 20), ['timeout_sec', 'memory_mb'])).toBeNull();
});

test.each([
  ['timeout_secs', 'timeout_sec'],
  ['Memory-MB', 'memory_mb'],
  ['alhpa', 'alpha'],
  ['docker', 'docker_image'],
  ['gpu', 'gpus'],
  ['completely_else', null],
  ['', null],
])('%s is a slip for %s', (name, nearest) => {
  const known = ['timeout_sec', 'memory_mb', 'alpha', 'docker_image', 'gpus'];
  expect(nearestName(name, known)).toBe(nearest);
});
