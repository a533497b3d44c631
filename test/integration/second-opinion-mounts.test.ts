import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Arena } from './integrity-arena.js';
import { baseImage } from './engine.js';

/** An image with a VOLUME that has files of two owners. */
const dockerfile = `FROM ${baseImage}
RUN mkdir -p /data/sub /app && echo seed >/data/seed && chown -R 1000:1000 /data/sub && chmod 700 /data/sub
VOLUME ["/data", "/srv/more"]
WORKDIR /app
`;

const passIf = (condition: string) =>
  `if ${condition}; then echo 1 >/logs/verifier/reward.txt; else echo 0 >/logs/verifier/reward.txt; fi\n`;

describe("a second opinion about results outside the container's own layer", () => {
  let arena: Arena;
  let context: string;
  beforeAll(async () => {
    context = await mkdtemp(join(tmpdir(), 'mounts-'));
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    arena = await Arena.open(context);
  });
  afterAll(async () => {
    await arena[Symbol.asyncDispose]();
    await rm(context, { recursive: true, force: true });
  });

  it.each([
    ['a VOLUME', 'echo r >/data/result; echo s >/srv/more/s', '[ -e /data/result ] && [ -e /srv/more/s ]'],
    [
      'a VOLUME, with owner, mode, links and names',
      'echo r >/data/sub/x; chown 1000:1000 /data/sub/x; chmod 640 /data/sub/x; ln -s /etc/passwd /data/l; ln /data/sub/x /data/h; echo n >"/data/a b\u00e9"',
      '[ "$(stat -c %u:%a /data/sub/x)" = 1000:640 ] && [ "$(stat -c %u:%a /data/sub)" = 1000:700 ] && [ "$(readlink /data/l)" = /etc/passwd ] && [ /data/h -ef /data/sub/x ] && [ -e "/data/a b\u00e9" ]',
    ],
    [
      '/dev/shm',
      'echo s >/dev/shm/state; mkdir -m 700 /dev/shm/d; echo t >/dev/shm/d/t',
      '[ -e /dev/shm/d/t ]',
    ],
  ])('agrees where it lies in %s', async (_place, command, condition) => {
    const outcome = await arena.fight({
      commands: [command],
      script: passIf(condition),
      options: { isolated: 'on' },
    });
    expect(outcome.evidence.isolated).toMatchObject({ outcome: 'agrees', reward: 1 });
    expect(outcome).toMatchObject({ rawReward: 1, verdict: 'clean' });
  });

  it.each([
    ['/etc/hosts', 'echo 10.0.0.9 shop.example >>/etc/hosts', 'grep -q shop.example /etc/hosts'],
    ['/etc/hostname', 'echo build-7 >/etc/hostname', 'grep -q build-7 /etc/hostname'],
    ['/data', 'rm /usr/bin/tar; echo r >/data/r', '[ -e /data/r ]'],
    ['/dev', 'echo x >/dev/note', '[ -e /dev/note ]'],
  ])('does not hold it against a pass that %s cannot be copied whole', async (place, command, condition) => {
    const outcome = await arena.fight({
      commands: [command],
      script: passIf(condition),
      options: { isolated: 'on' },
    });
    expect(outcome.evidence.isolated).toMatchObject({ outcome: 'inconclusive', reward: 0 });
    expect(outcome.evidence.isolated.reason).toContain(`what lies in ${place} cannot be copied whole`);
    expect(outcome).toMatchObject({ rawReward: 1, effectiveReward: 1, verdict: 'noted' });
  });

  it('still shows a pass that rests on a process alone, whatever else lies in those places', async () => {
    const outcome = await arena.fight({
      commands: ['echo s >/dev/shm/state; echo r >/data/r; (setsid sleep 777 >/dev/null 2>&1 </dev/null &)'],
      script: passIf('grep -qa "sleep.777" /proc/[0-9]*/cmdline'),
      options: { isolated: 'auto' },
    });
    expect(outcome).toMatchObject({ rawReward: 1, verdict: 'suspicious', codes: ['isolated-disagrees'] });
  });
});
