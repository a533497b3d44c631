import { describe, expect, it } from 'vitest';
import { baseImage } from './engine.js';
import { useSolvedSet } from './solved-set.js';

const toml = (extra = '', mode = 'environment_mode = "separate"\n'): string =>
  `${extra}[verifier]\ntimeout_sec = 60\n${mode}[agent]\ntimeout_sec = 60\n[environment]\nmemory_mb = 256\n`;
const from = `FROM ${baseImage}\n`;
const passIf = (condition: string): string =>
  `#!/bin/bash\nif ${condition}; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n`;
const instruction = { 'instruction.md': 'Do it.\n' };
const testsImage = { 'tests/Dockerfile': `${from}COPY test.sh /tests/test.sh\n` };

/** Harbor's cookbook has one like it: a name server with an address of its own, which asks for NET_ADMIN. */
const nameServer = {
  'task.toml': toml('', ''),
  ...instruction,
  'environment/Dockerfile': `${from}WORKDIR /app\n`,
  'environment/resolv.conf': 'nameserver 10.213.77.53\n',
  'environment/docker-compose.yaml': `
services:
  main: { depends_on: { names: { condition: service_healthy } }, networks: { net: }, volumes: ["./resolv.conf:/etc/resolv.conf:ro"] }
  names:
    image: ${baseImage}
    command: sleep infinity
    cap_add: [NET_ADMIN]
    networks: { net: { ipv4_address: 10.213.77.53 } }
    healthcheck: { test: [CMD, "true"], interval: 1s }
networks: { net: { driver: bridge, ipam: { config: [{ subnet: 10.213.77.0/24 }] } } }
`,
  'solution/solve.sh': 'getent hosts names > found; hostname -I > own\n',
  'tests/test.sh': passIf(
    'grep -q "^10.213.77.53 " found && grep -q "^10.213.77.1[0-9] *$" own && grep -qx "nameserver 10.213.77.53" /etc/resolv.conf',
  ),
};

/** A job that fills a volume before an agent without rights reads it, networks without a way out, and stages of a build. */
const lockedDown = {
  'task.toml': toml('artifacts = ["/space/out"]\n'),
  ...instruction,
  'environment/Dockerfile': `${from}RUN mkdir -p /space && chown 10001:10001 /space\nWORKDIR /space\nUSER 10001:10001\n`,
  'environment/setup.sh': 'cat /stage > /config/word; chmod 644 /config/word\n',
  'environment/app/Dockerfile.setup': `${from.trim()} AS base\nFROM base AS setup\nRUN echo staged > /stage\nFROM base AS other\nRUN false\n`,
  'environment/docker-compose.yaml': `
services:
  main:
    command: [sleep, infinity]
    user: "10001:10001"
    depends_on: { setup: { condition: service_completed_successfully }, cloud: { condition: service_healthy } }
    environment: { NO_PROXY: "localhost,cloud" }
    networks: [control, agent]
    cap_drop: [ALL]
    cap_add: [SETUID, SETGID]
    volumes: ["config:/space/config:ro"]
  setup:
    build: { context: ./app, dockerfile: Dockerfile.setup, target: setup }
    command: [/bin/sh, /setup.sh]
    networks: [control]
    restart: "no"
    volumes: ["./setup.sh:/setup.sh:ro", "config:/config"]
  cloud:
    image: ${baseImage}
    pull_policy: missing
    command: [sleep, infinity]
    healthcheck: { test: [CMD-SHELL, "exit 0"], interval: 1s }
    networks: { control: { aliases: [aws] }, workload: { aliases: [aws] } }
networks: { agent: {}, control: { internal: true }, workload: { name: "\${COMPOSE_PROJECT_NAME}_w", internal: true } }
volumes: { config: {} }
`,
  'solution/solve.sh':
    'mkdir out; cp config/word out/; id -u > out/uid; getent hosts aws > out/aws; grep CapBnd /proc/self/status > out/caps; touch config/x 2>out/refused; exit 0\n',
  ...testsImage,
  'tests/test.sh': passIf(
    '[ "$(cat /space/out/word)" = staged ] && [ "$(cat /space/out/uid)" = 10001 ] && [ -s /space/out/aws ] && grep -q 00000000000000c0 /space/out/caps && grep -q Read-only /space/out/refused',
  ),
};

/** One Dockerfile for several services, which differ in an argument behind an ENV; limits that a machine may not have. */
const oneDockerfile = {
  'task.toml': toml('artifacts = ["/said"]\n', ''),
  ...instruction,
  'environment/Dockerfile': `${from}WORKDIR /\nENTRYPOINT ["/bin/sh", "-c", "touch /entered; exec \\"$@\\"", "entry"]\n`,
  'environment/svc/Dockerfile': `ARG BASE=${baseImage}\nFROM $BASE\nARG ROLE\nENV ROLE=$ROLE\nCOPY svc.pl /svc.pl\n`,
  'environment/svc/svc.pl':
    'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 5000, Listen => 5, ReuseAddr => 1) or die; while (my $c = $s->accept) { print $c "$ENV{ROLE}\\n"; close $c }\n',
  'environment/docker-compose.yaml': `
x-svc: &svc
  command: perl /svc.pl
  ulimits: { nofile: { soft: 65536, hard: 262144 }, memlock: { soft: -1, hard: -1 } }
  healthcheck: { test: "perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(qq(127.0.0.1:5000)) ? 0 : 1)'", interval: 1s, retries: 60 }
services:
  main: { ulimits: { nofile: { soft: 512, hard: 900 } }, init: true, shm_size: 32m }
  gateway: { <<: *svc, build: { context: ./svc, args: { ROLE: gateway } }, container_name: gateway-1, ports: ["5000:5000"], depends_on: [ledger] }
  ledger: { <<: *svc, build: { context: svc, args: [ROLE=ledger] } }
`,
  'solution/solve.sh':
    'for h in gateway ledger gateway-1; do exec 3<>/dev/tcp/$h/5000; cat <&3; done > /said; ulimit -n >> /said; ls /entered >> /said\n',
  'tests/test.sh': passIf('[ "$(tr "\\n" , < /said)" = gateway,ledger,gateway,512,/entered, ]'),
};

/** What a task keeps beside the results of its tests reaches a verifier of its own; a reward that the agent wrote does not. */
const besideResults = {
  'task.toml': toml('artifacts = ["/logs/verifier", { source = "/logs/agent", exclude = ["*.tmp"] }]\n'),
  ...instruction,
  'environment/Dockerfile': from,
  'solution/solve.sh':
    'cd /logs/verifier; echo note > notes.txt; echo 1 > reward.txt; echo \'{"reward": 9}\' > reward.json; touch ../agent/kept ../agent/x.tmp\n',
  ...testsImage,
  'tests/test.sh': passIf(
    '[ -e /logs/verifier/notes.txt ] && [ ! -e /logs/verifier/reward.json ] && [ ! -s /logs/verifier/reward.txt ] && [ -e /logs/agent/kept ] && [ ! -e /logs/agent/x.tmp ]',
  ),
};

/** Main has no image of its own: a service builds it under a name. */
const borrowed = {
  'task.toml': toml('', ''),
  ...instruction,
  'environment/svc/Dockerfile': `${from}RUN echo built > /built\nWORKDIR /srv\n`,
  'environment/docker-compose.yaml': `services: { main: { image: "field-borrowed:latest" }, maker: { build: ./svc, image: field-borrowed, command: sleep infinity } }\n`,
  'solution/solve.sh': 'cp /built here\n',
  'tests/test.sh': passIf('[ "$(cat /srv/here)" = built ]'),
};

const tasks = { borrowed, nameServer, lockedDown, oneDockerfile, besideResults };
/** What this machine cannot give is told, and only that. */
const told: Partial<Record<keyof typeof tasks, RegExp>> = {
  nameServer: /^network: the service names .*NET_ADMIN lets it pass by the rules/,
  oneDockerfile: /^service (?:gateway|ledger): ulimit (?:nofile|memlock): /,
};

describe('compose files as the field writes them', { timeout: 300_000 }, () => {
  const solved = useSolvedSet(tasks);
  it.each(Object.keys(tasks) as (keyof typeof tasks)[])('%s: the solution has its reward', async (task) => {
    const result = await solved.read(task);
    expect(result).toMatchObject({
      exception_info: null,
      verifier_result: { rewards: { reward: 1 } },
      integrity: { verdict: 'clean' },
    });
    expect(result.tbench.warnings.filter((line) => told[task]?.test(line) !== true)).toEqual([]);
  });
});
