import { expect, test } from 'vitest';
import { hostJudge } from './judge-host.js';

const judge = hostJudge({
  mode: 'allowlist',
  allowedHosts: ['pypi.org', '*.pythonhosted.org', '192.0.2.0/28', '2001:db8::/32'],
});

test('a name is allowed as it stands, and below a star', () => {
  expect(
    ['pypi.org', 'files.pythonhosted.org', 'a.b.pythonhosted.org'].every((name) => judge.allowsName(name)),
  ).toBe(true);
  const others = [
    'evil-pypi.org',
    'pypi.org.evil.example',
    'x.pypi.org',
    'pythonhosted.org',
    '.pythonhosted.org',
    '',
    // What is no name: an address with a zone, and names that a resolver ends or reads otherwise.
    '2606:4700::1111%x.pythonhosted.org',
    'evil.example\0.pythonhosted.org',
    'evil.example .pythonhosted.org',
    'a..pythonhosted.org',
    `${'a.'.repeat(130)}pythonhosted.org`,
  ];
  expect(others.filter((name) => judge.allowsName(name))).toEqual([]);
});

test('addresses are allowed by range, each family by itself', () => {
  expect(judge.allowsAddress('192.0.2.15')).toBe(true);
  expect(judge.allowsAddress('2001:db8::7')).toBe(true);
  expect(
    ['192.0.2.16', '2001:db9::1', '::ffff:192.0.2.1', '2001:db8::7%eth0', '192.0', 'pypi.org', ''].filter(
      (one) => judge.allowsAddress(one),
    ),
  ).toEqual([]);
});

test('an empty allowlist and no network allow nothing, an open network everything', () => {
  for (const mode of ['allowlist', 'no-network'] as const)
    expect(hostJudge({ mode, allowedHosts: [] }).allowsName('a.b')).toBe(false);
  expect(hostJudge({ mode: 'public', allowedHosts: [] }).allowsAddress('192.0.2.1')).toBe(true);
});
