import { expect, test } from 'vitest';
import { redisConnection, shownAddress } from './redis.js';

test('an address says host, port, number and credentials', () => {
  expect(redisConnection('redis://user:p%40ss@host:7000/3')).toMatchObject({
    ...{ host: 'host', port: 7000, username: 'user', password: 'p@ss', db: 3 },
  });
  expect(redisConnection('rediss://[::1]')).toMatchObject({ host: '::1', port: 6379, db: 0, tls: {} });
});

test.each(['http://host', 'host:6379', '', 'redis://host/name'])('%j is refused', (url) => {
  expect(() => redisConnection(url)).toThrow(/queue/);
});

test('a password is never shown', () => {
  expect(shownAddress('redis://:secret@host:7000/3')).toBe('redis://host:7000/3');
  expect(shownAddress('redis://host:7000')).toBe('redis://host:7000');
});
