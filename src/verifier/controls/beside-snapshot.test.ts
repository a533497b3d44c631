import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { carryMounts, placesNotCarried } from './beside-snapshot.js';

const { signal } = new AbortController();
const sandbox = (files: Record<string, string>) =>
  new MemorySandbox({ files, mounts: ['/data', '/dev/shm'] });

describe('what lies beside a snapshot', () => {
  it('is not missed where a program that copies cannot start, but told', async () => {
    const [from, to] = [sandbox({ '/data/a/b': 'result', '/dev/shm/s': 'x', '/app/own': '' }), sandbox({})];
    await carryMounts(from, to, signal);
    expect(await placesNotCarried(from, to, signal)).toEqual(['/data', '/dev/shm', '/dev']);
    expect(await placesNotCarried(from, from, signal)).toEqual([]);
  });

  it.each([
    [
      'a file that the copy has from its image',
      { '/data/a': '1' },
      { '/data/a': '1', '/data/seed': '' },
      '/data',
    ],
    ['a file in /dev', { '/dev/note': 'x' }, {}, '/dev'],
    [
      'a host name of the agent',
      { '/etc/hosts': '127.0.0.1 a\n10.0.0.9 shop\n' },
      { '/etc/hosts': '127.0.0.1 a\n' },
      '/etc/hosts',
    ],
    ['a resolver', { '/etc/resolv.conf': 'nameserver 10.0.0.1\n' }, {}, '/etc/resolv.conf'],
    [
      'the name of the machine',
      { '/etc/hostname': 'build-7\n' },
      { '/etc/hostname': '0a1b2c3d4e5f\n' },
      '/etc/hostname',
    ],
  ])('%s is told by its place', async (_what, left, right, place) => {
    expect(await placesNotCarried(sandbox(left), sandbox(right), signal)).toEqual([place]);
  });

  it('does not take the names that engines give for a difference', async () => {
    const named = (id: string) =>
      sandbox({ '/etc/hosts': `127.0.0.1 localhost\n10.88.0.2\t${id} tbench-x\n`, '/etc/hostname': id });
    expect(await placesNotCarried(named('164a6b496cab'), named('6ed24aae7a23'), signal)).toEqual([]);
  });
});
