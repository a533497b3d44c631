import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, type ScratchFolder } from '../../../../test/doubles/task-folder.js';
import type { ComposeService } from '../../compose.js';
import { readProject, type ProjectReading } from './read-project.js';

let scratch: ScratchFolder;
beforeAll(async () => {
  scratch = await scratchFolder();
  await scratch.write({
    'environment/conf/a': 'a',
    'environment/token': 't',
    'environment/vars': 'A=1\nB=two\n',
    'environment/resolv.conf': '# ours\nsearch a b\nnameserver 10.7.0.53\nnameserver 10.7.0.54\n',
    'environment/db/Dockerfile': 'FROM x\n',
    outside: '',
  });
});
afterAll(() => scratch[Symbol.asyncDispose]());

const variables = { SET: 'set', EMPTY: '', DIR: './conf' };

function read(text: string): Promise<ProjectReading> {
  const file = path.join(scratch.dir, 'environment/docker-compose.yaml');
  return readProject({ file, taskDir: scratch.dir, text }, variables);
}

/** A file whose service `s` has these keys. */
function file(keys: string, rest = ''): string {
  const lines = keys.split('\n').map((line) => `    ${line}`);
  return `services:\n  s:\n    image: i\n${lines.join('\n')}\nvolumes: { v: }\nnetworks: { n: , m: { internal: true }, r: { ipam: { config: [{ subnet: 10.7.0.0/24 }] } } }\n${rest}`;
}

async function service(keys: string, rest = ''): Promise<ComposeService> {
  const { project, refusals } = await read(file(keys, rest));
  expect(refusals).toEqual([]);
  const found = project.services.find(({ name }) => name === 's');
  if (found === undefined) throw new Error('there is a service s');
  return found;
}

const below = (name: string): string => path.join(scratch.dir, 'environment', name);

const done: readonly (readonly [
  keys: string,
  expected: Partial<ComposeService> | (() => Partial<ComposeService>),
])[] = [
  [
    'build: ./db',
    () => ({ build: { context: below('db'), dockerfile: 'Dockerfile', target: null, args: {} } }),
  ],
  [
    'build: { context: ./db, dockerfile: D, target: t, args: { A: 1, SET: } }',
    () => ({ build: { context: below('db'), dockerfile: 'D', target: 't', args: { A: '1', SET: 'set' } } }),
  ],
  [
    'build: { context: ., args: [A=1, SET, NONE] }',
    () => ({
      build: { context: below('.'), dockerfile: 'Dockerfile', target: null, args: { A: '1', SET: 'set' } },
    }),
  ],
  [`command: sh -c "echo 'a b'; exit $$?" x\\ y`, { command: ['sh', '-c', "echo 'a b'; exit $?", 'x y'] }],
  ['command: [sh, -c, "echo $$HOME ${SET}"]', { command: ['sh', '-c', 'echo $HOME set'] }],
  ['command:', { command: null }],
  ['command: >\n  run\n    --flag ${NONE:-d}', { command: ['run', '--flag', 'd'] }],
  ["entrypoint: /e 'a b'", { entrypoint: ['/e', 'a b'] }],
  ['entrypoint: []', { entrypoint: [] }],
  [
    'environment: { A: 1, B: true, SET: , NONE: , E: "", F: a=b }',
    { env: { A: '1', B: 'true', SET: 'set', E: '', F: 'a=b' } },
  ],
  ['environment: [A=1, SET, NONE, "E=", "F=a=b"]', { env: { A: '1', SET: 'set', E: '', F: 'a=b' } }],
  ['environment:', { env: {} }],
  ['env_file: ./vars', { env: { A: '1', B: 'two' } }],
  ['env_file: [vars, { path: gone, required: false }]\nenvironment: [A=2]', { env: { A: '2', B: 'two' } }],
  ['working_dir: /w\nuser: 1000:1000\nhostname: h', { workdir: '/w', user: '1000:1000', hostname: 'h' }],
  ['user: 0', { user: '0' }],
  [
    'volumes: [v:/a, "v:/b:ro", /c]',
    {
      mounts: [
        { kind: 'volume', volume: 'v', target: '/a', isReadOnly: false },
        { kind: 'volume', volume: 'v', target: '/b', isReadOnly: true },
        { kind: 'volume', volume: null, target: '/c', isReadOnly: false },
      ],
    },
  ],
  [
    'volumes: [{ type: volume, source: v, target: /a, read_only: true }, { type: tmpfs, target: /t, tmpfs: { size: 1m, mode: 0700 } }]',
    {
      mounts: [
        { kind: 'volume', volume: 'v', target: '/a', isReadOnly: true },
        { kind: 'tmpfs', target: '/t', options: 'size=1048576,mode=700' },
      ],
    },
  ],
  [
    'volumes: ["${DIR}:/c:ro,z", { type: bind, source: ./token, target: /t, bind: { create_host_path: true } }, ./gone:/g]',
    () => ({
      files: [
        { source: below('conf'), target: '/c', mode: null, uid: 0, gid: 0 },
        { source: below('token'), target: '/t', mode: null, uid: 0, gid: 0 },
        { source: null, target: '/g', mode: null, uid: 0, gid: 0 },
      ],
    }),
  ],
  ['volumes: ["${HOST_VERIFIER_LOGS_PATH}:${ENV_VERIFIER_LOGS_PATH}"]', { files: [], mounts: [] }],
  ['tmpfs: /run', { mounts: [{ kind: 'tmpfs', target: '/run', options: '' }] }],
  [
    'tmpfs: ["/run:size=2k,noexec"]',
    { mounts: [{ kind: 'tmpfs', target: '/run', options: 'size=2048,noexec' }] },
  ],
  ['networks: [n]', { networks: [{ name: 'n', aliases: [], address: null }] }],
  [
    'networks: { n: { aliases: [x] }, m: }',
    {
      networks: [
        { name: 'n', aliases: ['x'], address: null },
        { name: 'm', aliases: [], address: null },
      ],
    },
  ],
  [
    'networks: { r: { ipv4_address: 10.7.0.53 } }',
    { networks: [{ name: 'r', aliases: [], address: '10.7.0.53' }] },
  ],
  ['networks:', { networks: [{ name: 'default', aliases: [], address: null }] }],
  ['container_name: c', { networks: [{ name: 'default', aliases: ['c'], address: null }] }],
  ['network_mode: none', { networks: [] }],
  ['depends_on: [main]', { dependsOn: [{ service: 'main', condition: 'started', isRequired: true }] }],
  [
    'depends_on: { main: { condition: service_healthy, restart: true } }',
    { dependsOn: [{ service: 'main', condition: 'healthy', isRequired: true }] },
  ],
  [
    'depends_on: { gone: { condition: service_started, required: false } }',
    { dependsOn: [{ service: 'gone', condition: 'started', isRequired: false }] },
  ],
  [
    'healthcheck: { test: [CMD, a, b], interval: 1m30s, timeout: 5s, retries: 4, start_period: 1s, start_interval: 500ms }',
    {
      healthcheck: {
        argv: ['a', 'b'],
        intervalMs: 90_000,
        timeoutMs: 5000,
        startPeriodMs: 1000,
        startIntervalMs: 500,
        retries: 4,
      },
    },
  ],
  [
    'healthcheck: { test: curl -f x || exit 1 }',
    {
      healthcheck: {
        argv: ['/bin/sh', '-c', 'curl -f x || exit 1'],
        intervalMs: null,
        timeoutMs: null,
        startPeriodMs: null,
        startIntervalMs: null,
        retries: null,
      },
    },
  ],
  ['healthcheck: { disable: true }', { healthcheck: null }],
  ['healthcheck: { test: [NONE] }', { healthcheck: null }],
  ['extra_hosts: ["a:1.2.3.4", "b=::1"]', { extraHosts: ['a:1.2.3.4', 'b:::1'] }],
  [
    'dns: 10.7.0.53\ndns_search: [a.example]\ndns_opt: [ndots:2]',
    { dns: { servers: ['10.7.0.53'], search: ['a.example'], options: ['ndots:2'] } },
  ],
  [
    'volumes: [./resolv.conf:/etc/resolv.conf:ro]',
    { dns: { servers: ['10.7.0.53', '10.7.0.54'], search: ['a', 'b'], options: [] }, files: [] },
  ],
  ['extra_hosts: { a: 1.2.3.4 }', { extraHosts: ['a:1.2.3.4'] }],
  [
    'cap_add: [CAP_CHOWN, SYS_PTRACE, net_admin]\ncap_drop: [ALL]',
    { capAdd: ['CAP_CHOWN', 'SYS_PTRACE', 'net_admin'], capDrop: ['ALL'] },
  ],
  [
    'security_opt: ["no-new-privileges:true", label=disable, "seccomp:unconfined"]',
    { securityOpt: ['no-new-privileges', 'label=disable', 'seccomp=unconfined'] },
  ],
  [
    'read_only: true\nshm_size: 64m\ninit: true\nstop_signal: SIGINT\nstop_grace_period: 1m',
    {
      isReadOnly: true,
      shmBytes: 64 * 2 ** 20,
      init: true,
      stopSignal: 'SIGINT',
      stopGraceMs: 60_000,
    },
  ],
  ['read_only: "${NONE:-false}"', { isReadOnly: false }],
  [
    'ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 }',
    {
      ulimits: [
        { name: 'nofile', soft: 1, hard: 2 },
        { name: 'nproc', soft: 3, hard: 3 },
      ],
    },
  ],
  ['sysctls: { net.core.somaxconn: 1024 }', { sysctls: { 'net.core.somaxconn': '1024' } }],
  ['sysctls: [net.core.somaxconn=1024]', { sysctls: { 'net.core.somaxconn': '1024' } }],
  ['restart: unless-stopped', { restart: 'unless-stopped' }],
  ['restart: "no"', { restart: null }],
  [
    'deploy: { replicas: 1, restart_policy: { condition: on-failure, max_attempts: 3 } }',
    { restart: 'on-failure:3' },
  ],
  [
    'deploy: { resources: { limits: { cpus: "0.5", memory: 1g, pids: 9 }, reservations: { cpus: "0.1" } } }',
    { cpus: 0.5, memoryBytes: 2 ** 30, pids: 9 },
  ],
  ['cpus: 2\nmem_limit: ${NONE:-512m}\npids_limit: "8"', { cpus: 2, memoryBytes: 2 ** 29, pids: 8 }],
  ['tty: true\nstdin_open: true', { tty: true, stdinOpen: true }],
  [
    'ports: ["80:80", { target: 80, published: 8080 }]\nexpose: [80]\nlabels: [a=b]\nlogging: { driver: none }\npull_policy: always\nattach: false\nx-own: 1\nprivileged: false',
    {},
  ],
];

describe('a key of a service is done as it says', () => {
  it.each(done)('%s', async (keys, expected) => {
    expect(await service(keys)).toMatchObject(typeof expected === 'function' ? expected() : expected);
  });

  it('secrets and configs from files, with owner and mode', async () => {
    const keys =
      'secrets: [a, { source: a, target: b, uid: "100", gid: 101, mode: 0440 }]\nconfigs: [{ source: c, target: /etc/c, mode: "0444" }]';
    const rest = 'secrets: { a: { file: ./token } }\nconfigs: { c: { file: token } }\n';
    expect((await service(keys, rest)).files).toEqual([
      { source: below('token'), target: '/run/secrets/a', mode: null, uid: 0, gid: 0 },
      { source: below('token'), target: '/run/secrets/b', mode: 0o440, uid: 100, gid: 101 },
      { source: below('token'), target: '/etc/c', mode: 0o444, uid: 0, gid: 0 },
    ]);
  });
});

describe('a whole file', () => {
  it('has a main where it names none, anchors, merge keys, x- keys and services of profiles that nobody asked for', async () => {
    const { project, refusals } = await read(`
version: "3.8"
name: n
x-base: &base
  image: i
  environment: &env { A: 1 }
services:
  a: { <<: *base, environment: { <<: *env, B: 2 } }
  b: { image: i, profiles: [debug], privileged: true }
`);
    expect(refusals).toEqual([]);
    expect(project.services.map(({ name }) => name)).toEqual(['main', 'a']);
    expect(project.services[1]).toMatchObject({ image: 'i', env: { A: '1', B: '2' } });
  });

  it('has networks with what is said of them, and its volumes', async () => {
    const text = `
services: { main: { networks: [n, default] } }
networks: { n: { internal: true, driver: bridge, name: x, labels: {} }, default: { internal: true } }
volumes: { v: { driver: local }, w: }
`;
    const { project, refusals } = await read(text);
    expect(refusals).toEqual([]);
    expect(project.networks).toEqual([
      { name: 'n', isInternal: true, range: null },
      { name: 'default', isInternal: true, range: null },
    ]);
    expect(project.volumes.map(({ name }) => name)).toEqual(['v', 'w']);
  });

  it('has the ranges that it chooses for its networks', async () => {
    const { project, refusals } = await read(
      'services: { main: { networks: [n] } }\nnetworks: { n: { ipam: { driver: default, config: [{ subnet: 172.28.0.0/16, gateway: 172.28.5.254 }] } } }',
    );
    expect(refusals).toEqual([]);
    expect(project.networks[0]?.range).toEqual({ subnet: '172.28.0.0/16', gateway: '172.28.5.254' });
  });

  it('shares a folder that several services have and one writes into; others each have a copy', async () => {
    const binds = (mode: string): string => `volumes: ["./conf:/c${mode}", "./token:/t", "./gone:/g"]`;
    const shared = await read(`services: { main: { ${binds(':ro')} }, a: { image: i, ${binds('')} } }`);
    expect(shared.project.volumes).toEqual([
      { name: '/bind-0', source: below('conf') },
      { name: '/bind-1', source: null },
    ]);
    expect(shared.project.services[0]).toMatchObject({
      mounts: [
        { volume: '/bind-0', target: '/c', isReadOnly: true },
        { volume: '/bind-1', target: '/g' },
      ],
      files: [{ target: '/t' }],
    });
    const read_ = await read(
      `services: { main: { volumes: ["./conf:/c:ro"] }, a: { image: i, volumes: ["./conf:/d:ro"] } }`,
    );
    expect(read_.project.volumes).toEqual([]);
  });
});

const refused: readonly (readonly [keys: string, reason: RegExp])[] = [
  ['privileged: true', /privileged \(service s\): .*host/],
  ['network_mode: host', /network_mode .*host's network/],
  ['network_mode: "service:main"', /network_mode/],
  ['pid: host', /pid/],
  ['ipc: host', /ipc/],
  ['uts: host', /uts/],
  ['userns_mode: host', /userns_mode/],
  ['cgroup: host', /cgroup/],
  ['devices: [/dev/kvm]', /devices/],
  ['gpus: all', /gpus/],
  ['deploy: { resources: { reservations: { devices: [{ driver: nvidia }] } } }', /devices.*GPUs/],
  ['volumes: [/var/run/docker.sock:/s]', /engine's socket/],
  ['volumes: [{ type: bind, source: /run/podman/podman.sock, target: /s }]', /engine's socket/],
  ['volumes: [/etc:/host]', /outside the task/],
  ['volumes: ["../../x:/x"]', /outside the task/],
  ['volumes: ["~/x:/x"]', /outside the task/],
  ['volumes: [":/x"]', /names nothing/],
  ['volumes: [{ type: volume, source: v, target: /a, volume: { subpath: x } }]', /volumes.volume/],
  [
    'volumes: [{ type: bind, source: ./conf, target: /a, bind: { propagation: shared } }]',
    /volumes.bind.propagation/,
  ],
  ['cap_add: [SYS_ADMIN]', /SYS_ADMIN/],
  ['cap_add: [ALL]', /ALL/],
  ['cap_add: [DAC_READ_SEARCH]', /DAC_READ_SEARCH/],
  ['security_opt: ["apparmor:unconfined"]', /loosen/],
  ['security_opt: ["seccomp:./profile.json"]', /loosen/],
  ['extends: { file: other.yaml, service: x }', /extends/],
  ['links: [main]', /links/],
  ['dns: names.example', /dns .*names.example is no address/],
  ['volumes: [./token:/etc/hosts:ro]', /\/etc\/hosts is the engine's: use extra_hosts/],
  ['networks: { n: { ipv6_address: fd00::2 } }', /networks.ipv6_address/],
  ['build: { context: ., ssh: [default] }', /build.ssh/],
  ['build: { context: ., network: host }', /build.network/],
  ['healthcheck: { test: x, on_failure: y }', /healthcheck.on_failure/],
  ['deploy: { mode: global }', /deploy.mode/],
  ['deploy: { resources: { limits: { gpus: 1 } } }', /deploy.resources.limits.gpus/],
  ['platform: linux/s390x', /platform/],
  ['develop: {}', /develop/],
  ['a_key_of_tomorrow: 1', /a_key_of_tomorrow/],
];

describe('a key that is not done is refused, with the reason', () => {
  it.each(refused)('%s', async (keys, reason) => {
    const { refusals } = await read(file(keys));
    expect(refusals.join('\n')).toMatch(reason);
  });

  it.each([
    ['include: [other.yaml]', /include/],
    ['volumes: { w: { external: true } }', /volumes.w.external/],
    ['volumes: { w: { driver_opts: { device: /etc } } }', /volumes.w.driver_opts/],
    ['volumes: { w: { driver: nfs } }', /volumes.w.driver/],
    ['networks: { w: { external: true, name: x } }', /networks.w.external/],
    ['networks: { w: { driver: macvlan } }', /networks.w.driver/],
    ['networks: { w: { ipam: { options: { a: b } } } }', /networks.w.ipam.options/],
    [
      'networks: { w: { ipam: { config: [{ aux_addresses: {} }] } } }',
      /networks.w.ipam.config.aux_addresses/,
    ],
    ['networks: { w: { ipam: { config: [{ subnet: 8.8.8.0/24 }] } } }', /8.8.8.0\/24 is no private/],
    ['networks: { w: { ipam: { config: [{ subnet: 10.0.0.0/8 }] } } }', /10.0.0.0\/8 is no private/],
    ['networks: { w: { ipam: { config: [{ subnet: 10.0.0.1/24 }] } } }', /10.0.0.1\/24 is no private/],
    ['networks: { w: { ipam: { config: [{ subnet: fd00::/64 }] } } }', /fd00::\/64 is no private/],
    ['networks: { w: { enable_ipv6: true } }', /networks.w.enable_ipv6/],
    ['secrets: { w: { environment: TOKEN } }', /secrets.w/],
    ['configs: { w: { content: x } }', /configs.w/],
  ])('%s', async (text, reason) => {
    const { refusals } = await read(`services: { main: }\n${text}\n`);
    expect(refusals.join('\n')).toMatch(reason);
  });
});

describe('what cannot be read is an error that names its place', () => {
  it.each([
    ['hostname: ${NONE:?say which}', 'NONE is not set: say which'],
    ['hostname: ${EMPTY:?}', 'EMPTY is not set'],
    ['depends_on: [gone]', 'there is no service gone'],
    ['networks: [gone]', 'there is no network gone'],
    ['networks: { n: { ipv4_address: 10.7.0.2 } }', '10.7.0.2 is not in a subnet'],
    ['networks: { r: { ipv4_address: 10.8.0.2 } }', '10.8.0.2 is not in a subnet'],
    ['volumes: [gone:/x]', 'there is no volume gone'],
    ['secrets: [gone]', 'there is no gone'],
    ['healthcheck: { test: [curl, x] }', 'begins with CMD'],
    ['healthcheck: { test: x, interval: 5 }', '"5" is no duration'],
    ['shm_size: much', '"much" is no size'],
    ['command: 5', 'services.s.command'],
    ['depends_on: { main: { condition: service_great } }', 'services.s.depends_on'],
    ['environment: { A: [1] }', 'services.s.environment'],
    ['env_file: gone', 'gone'],
  ])('%s', async (keys, message) => {
    await expect(read(file(keys))).rejects.toThrow(message);
  });

  it('does not demand a variable while only the dataset is read', async () => {
    const text = 'services: { main: { image: "${NONE:?say which}" } }';
    const source = { file: below('docker-compose.yaml'), taskDir: scratch.dir, text };
    expect((await readProject(source, {}, 'none')).refusals).toEqual([]);
  });
});
