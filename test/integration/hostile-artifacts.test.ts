import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { baseImage } from './engine.js';
import { useSolvedSet } from './solved-set.js';

const toml =
  'artifacts = ["/srv/out"]\n[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\n[agent]\ntimeout_sec = 60\n[environment]\nmemory_mb = 256\nstorage_mb = 256\n';
const from = `FROM ${baseImage}\n`;
const passIf = (condition: string): string =>
  `#!/bin/bash\nif ${condition}; then echo 1; else { ls -laR /srv/out > /logs/verifier/seen; echo 0; }; fi > /logs/verifier/reward.txt\n`;

function task(solve: string, condition: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    'task.toml': toml,
    'instruction.md': 'Do it.\n',
    'environment/Dockerfile': from,
    'solution/solve.sh': solve,
    'tests/Dockerfile': `${from}COPY test.sh /tests/test.sh\n`,
    'tests/test.sh': passIf(condition),
    ...more,
  };
}

/** An archive whose members lead out of wherever it is unpacked, and one that would fill a disk: nobody unpacks either. */
const bomb = task(
  [
    'mkdir -p /srv/out /w/a && cd /w/a && echo evil > evil',
    'tar --transform "s,^,../../../../../../../../tmp/tbench-escaped-," -cPf /srv/out/out.tar evil',
    'head -c 200M /dev/zero | gzip > /srv/out/zeros.gz',
  ].join('\n'),
  'tar -tPf /srv/out/out.tar | grep -q "^../../.*tbench-escaped-evil" && [ "$(stat -c %s /srv/out/zeros.gz)" -lt 1000000 ] && [ "$(ls /srv/out | wc -l)" = 2 ]',
);

/** A file of every name that a path could be made of, folders deeper than is read, and a thousand hard links to one file. */
const names = task(
  'mkdir -p /srv/out && cd /srv/out && touch -- "..." "..a" "-rf" "%2e%2e" "..\\\\..\\\\x" && echo 1 > one && for i in $(seq 1000); do ln one "l$i"; done\nfor i in $(seq 80); do mkdir d && cd d; done; echo deep > deep\n',
  '[ -e /srv/out/... ] && [ -e /srv/out/..a ] && [ -e /srv/out/-rf ] && [ "$(cat /srv/out/l1000)" = 1 ] && [ -z "$(find /srv/out -name deep)" ] && [ "$(ls / | grep -c "^x$")" = 0 ]',
);

/** Device files, which a compose file may let an agent make, and a folder of the agent that is a link to /etc. */
const devices = task(
  'mkdir /real && cd /real && mknod disk b 8 0 && mknod memory c 1 1 && echo fine > fine && ln -s /etc all && ln -s /real /srv/out\n',
  '[ "$(cat /srv/out/fine)" = fine ] && [ "$(ls -A /srv/out)" = fine ] && [ ! -L /srv/out ]',
  { 'environment/docker-compose.yaml': 'services: { main: { cap_add: [MKNOD] } }\n' },
);

/** A service of the agent's environment with the name of one of the tests', and with main's. */
const squatter = task(
  'mkdir -p /srv/out; getent hosts judge > /srv/out/judge\n',
  '[ -s /srv/out/judge ] && exec 3<>/dev/tcp/judge/5000 && [ "$(cat <&3)" = honest ] && getent hosts main | grep -q "^$(hostname -I | cut -d" " -f1) "',
  {
    'environment/docker-compose.yaml': `services: { squat: { image: "${baseImage}", command: sleep infinity, networks: { default: { aliases: [judge, main, verifier] } } } }\n`,
    'tests/docker-compose.yaml': `services:\n  judge:\n    image: "${baseImage}"\n    command: ["perl", "-MIO::Socket::INET", "-e", "$$s = IO::Socket::INET->new(Listen => 9, LocalPort => 5000); while ($$c = $$s->accept) { print $$c 'honest'; close $$c }"]\n    healthcheck: { test: "perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(qq(127.0.0.1:5000)) ? 0 : 1)'", interval: 1s, retries: 60 }\n`,
  },
);

const tasks = { bomb, names, devices, squatter };
const leftOut: Partial<Record<keyof typeof tasks, RegExp>> = {
  names: /deep.*64/,
  devices: /disk \(block device\).*memory \(character device\)|all \(a link/,
};

describe('what an agent leaves for the verifier', { timeout: 300_000 }, () => {
  const solved = useSolvedSet(tasks);

  it.each(Object.keys(tasks) as (keyof typeof tasks)[])(
    '%s: goes nowhere else, and what is honest arrives',
    async (name) => {
      const result = await solved.read(name);
      expect(result, await solved.text(name, 'verifier/seen')).toMatchObject({
        exception_info: null,
        verifier_result: { rewards: { reward: 1 } },
        integrity: { verdict: 'clean' },
      });
      const pattern = leftOut[name];
      if (pattern !== undefined) expect(result.tbench.warnings.join('\n')).toMatch(pattern);
      expect(existsSync('/tmp/tbench-escaped-evil')).toBe(false);
    },
  );
});
