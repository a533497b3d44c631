import { expect, test } from 'vitest';
import { parseAllowedHost } from './network-policy.js';

test('names, names below one, addresses and ranges are entries of an allowlist', () => {
  expect(parseAllowedHost('PyPI.org.')).toEqual({ kind: 'name', name: 'pypi.org' });
  expect(parseAllowedHost('*.x.org')).toEqual({ kind: 'below', name: 'x.org' });
  expect(parseAllowedHost('192.0.2.0/24')).toEqual({
    kind: 'range',
    address: '192.0.2.0',
    bits: 24,
    family: 'ipv4',
  });
  expect(parseAllowedHost('2001:db8::1')).toMatchObject({ bits: 128, family: 'ipv6' });
});

test.each([
  '192.0.2.128/25',
  '0.0.0.0/0',
  '10.1.2.3/32',
  '2001:db8::/33',
  '2001:db8:8000::/33',
  '::ffff:10.0.0.0/104',
])('%s begins with its first address', (text) =>
  expect(parseAllowedHost(text)).toMatchObject({ kind: 'range' }),
);

test.each([
  '',
  '*',
  'http://a.b',
  'a.b:443',
  'a b',
  '1.2.3',
  '10.0.0.0/33',
  '::/129',
  'a..b',
  '-a.b',
  'fe80::1%eth0',
  '*.*.x',
  '10.0.0.1/8',
  '192.0.2.128/24',
  '2001:db8::1/64',
  '::ffff:10.0.0.1/104',
])('%j is none', (text) => expect(parseAllowedHost(text)).toBeNull());
