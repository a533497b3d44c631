import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../../../test/doubles/task-folder.js';
import { TaskError } from '../../../base/errors.js';
import { loadTask } from '../../load-task.js';
import { listFiles } from '../../task-files.js';
import type { Task } from '../../task.js';

let scratch: ScratchFolder;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function load(toml: string, more: Record<string, string> = {}): Promise<Task> {
  await scratch.write({ ...harborTask('one', toml), ...more });
  return loadTask(path.join(scratch.dir, 'one'));
}

const everything = `
schema_version = "1.4"
source = "somewhere"
artifacts = ["/app/out", { source = "/var/log", destination = "logs", service = "main", exclude = ["*.gz"] }]
[task]
name = "acme/one"
description = "a task"
keywords = ["k"]
authors = [{ name = "Ann", email = "ann@example.invalid" }, { name = "Bob" }]
[metadata]
difficulty = "hard"
category = "security"
tags = ["x"]
anything = { goes = true }
[environment]
docker_image = "acme/one:1"
build_timeout_sec = 120.5
cpus = 2.5
memory_mb = 4096
storage_mb = 1024
gpus = 0
gpu_types = []
os = "Linux"
workdir = "/work"
skills_dir = "/skills"
network_mode = "no-network"
mcp_servers = [{ name = "files", transport = "http", url = "http://localhost:1" }, { name = "sh", transport = "stdio", command = "x", args = ["-y"] }]
[environment.env]
TOKEN = "\${TOKEN:-none}"
[environment.healthcheck]
command = "true"
interval_sec = 1
[agent]
timeout_sec = 30
user = "agent"
[verifier]
timeout_sec = 45
user = 1000
collect = [{ command = "dump" }]
[verifier.env]
A = "1"
[solution.env]
B = "2"
`;

describe('a Harbor task', () => {
  test('has every field of the format parsed', async () => {
    const { dir, ...task } = await load(everything);
    expect(dir).toBe(path.join(scratch.dir, 'one'));
    expect({
      ...task,
      verifier: { ...task.verifier, testsDirs: ['tests'] },
      solution: task.solution.env,
    }).toMatchObject({
      name: 'one',
      format: 'harbor',
      schemaVersion: '1.4',
      instruction: 'Write hello to /app/hello.txt.\n',
      source: 'somewhere',
      difficulty: 'hard',
      category: 'security',
      metadata: { anything: { goes: true } },
      identity: {
        name: 'acme/one',
        keywords: ['k'],
        authors: [
          { name: 'Ann', email: 'ann@example.invalid' },
          { name: 'Bob', email: null },
        ],
      },
      artifacts: [
        { source: '/app/out', destination: null, service: null, exclude: [] },
        { source: '/var/log', destination: 'logs', service: 'main', exclude: ['*.gz'] },
      ],
      environment: {
        dockerImage: 'acme/one:1',
        buildContext: path.join(dir, 'environment'),
        buildTimeoutMs: 120_500,
        cpus: 2.5,
        memoryBytes: 4096 * 1024 * 1024,
        storageBytes: 1024 * 1024 * 1024,
        os: 'linux',
        workdir: '/work',
        skillsDir: '/skills',
        env: { TOKEN: '${TOKEN:-none}' },
        network: { mode: 'no-network', allowedHosts: [] },
        healthcheck: { command: 'true', intervalMs: 1000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 },
        mcpServers: [
          { name: 'files', transport: 'streamable-http', url: 'http://localhost:1' },
          { name: 'sh', transport: 'stdio', command: 'x', args: ['-y'] },
        ],
      },
      agent: { timeoutMs: 30_000, user: 'agent', network: { mode: null } },
      verifier: {
        timeoutMs: 45_000,
        user: '1000',
        env: { A: '1' },
        separate: null,
        collect: [{ command: 'dump', service: 'main', timeoutMs: 60_000, user: null }],
        script: 'test.sh',
        scriptText: null,
      },
      solution: { B: '2' },
      warnings: [],
    });
  });

  test('accepts the old spellings', async () => {
    const task = await load(
      'version = "1.0"\n[environment]\nmemory = "2G"\nstorage = "512M"\nallow_internet = false\n',
    );
    expect(task.schemaVersion).toBe('1.0');
    expect(task.environment.memoryBytes).toBe(2 * 1024 ** 3);
    expect(task.environment.storageBytes).toBe(512 * 1024 ** 2);
    expect(task.environment.network.mode).toBe('no-network');
    expect(task.warnings).toEqual([]);
  });

  test('takes a limit given alike in both spellings, and an old allow_internet beside its successor', async () => {
    const task = await load(
      '[environment]\nmemory = "2G"\nmemory_mb = 2048\nallow_internet = true\nnetwork_mode = "no-network"\n',
    );
    expect(task.environment.memoryBytes).toBe(2 * 1024 ** 3);
    expect(task.environment.network.mode).toBe('no-network');
  });

  test('takes other compose files than docker-compose.yaml for material', async () => {
    const compose = 'services:\n  web:\n    build: .\n    user: nobody\n  db:\n    image: postgres\n';
    await scratch.write({
      ...harborTask('one'),
      'one/environment/docker-compose.yml': compose,
      'one/environment/compose.yaml': compose,
    });
    const task = await loadTask(path.join(scratch.dir, 'one'));
    expect([task.refusals, task.agent.user]).toEqual([[], null]);
  });

  test.each([
    ['a pipe', 'instruction.md', (file: string) => execFileSync('mkfifo', [file])],
    ['a link out of the task', 'instruction.md', (file: string) => symlinkSync('/etc/passwd', file)],
    ['a link out of the task', 'task.toml', (file: string) => symlinkSync('/etc/passwd', file)],
    [
      'an endless device',
      'environment/docker-compose.yaml',
      (file: string) => symlinkSync('/dev/zero', file),
    ],
  ])('refuses %s as %s, without waiting', { timeout: 5000 }, async (_, name, make) => {
    await scratch.write(harborTask('one'));
    rmSync(path.join(scratch.dir, 'one', name), { force: true });
    make(path.join(scratch.dir, 'one', name));
    if (name.endsWith('compose.yaml')) {
      // A device is no compose file, and below environment/ a link out is handed on as a link.
      expect((await loadTask(path.join(scratch.dir, 'one'))).agent.user).toBeNull();
    } else await expect(loadTask(path.join(scratch.dir, 'one'))).rejects.toThrow(TaskError);
  });

  test('limits the agent to 600 s when an old task says nothing, and not at all in newer schemas', async () => {
    expect((await load('version = "1.0"')).agent.timeoutMs).toBe(600_000);
    expect((await load('schema_version = "1.3"')).agent.timeoutMs).toBeNull();
    expect((await load('schema_version = "1.3"')).environment.cpus).toBeNull();
  });

  test('keeps an empty table, a missing solution and extra files harmless', async () => {
    await scratch.write({
      'one/task.toml':
        'schema_version = "1.1"\nartifacts = []\n[environment]\ndocker_image = "x"\nmcp_servers = []\n[environment.env]\n',
      'one/instruction.md': 'Do it.',
      'one/tests/test.sh': 'true',
      'one/README.md': 'about',
      'one/notes/idea.txt': 'extra',
    });
    const task = await loadTask(path.join(scratch.dir, 'one'));
    expect(task.solution.dir).toBeNull();
    expect(task.environment).toMatchObject({ dockerImage: 'x', buildContext: null });
  });

  test('warns about unknown keys with the nearest known one', async () => {
    const task = await load(
      'schema_version = "1.1"\nartefacts = []\ntimeout_sec = 9\n[agnet]\ntimeout_sec = 3\n[agent]\ntimeout_secs = 3\n[environment]\ncpu = 1\n',
    );
    const file = path.join(scratch.dir, 'one', 'task.toml');
    expect(task.warnings).toEqual([
      `${file}: unknown key artefacts (did you mean artifacts?)`,
      `${file}: unknown key timeout_sec (did you mean agent.timeout_sec or verifier.timeout_sec?)`,
      `${file}: unknown key agnet`,
      `${file}: unknown key agent.timeout_secs (did you mean agent.timeout_sec?)`,
      `${file}: unknown key environment.cpu (did you mean environment.cpus?)`,
    ]);
  });

  test.each([
    ['agent.timeout_sec', '[agent]\ntimeout_sec = "soon"'],
    ['agent.timeout_sec', '[agent]\ntimeout_sec = 0'],
    ['environment.cpus', '[environment]\ncpus = -1'],
    ['environment.memory', '[environment]\nmemory = "2T"'],
    ['environment.os', '[environment]\nos = "beos"'],
    ['verifier.env.A', '[verifier.env]\nA = 3'],
    ['task.name', '[task]\nname = "../x"'],
    ['task.name', '[task]\nname = "a/b..c"'],
    ['steps[0].name', '[[steps]]\nmin_reward = 1'],
    ['steps[0].name', '[[steps]]\nname = "../x"'],
    ['artifacts[0]', 'artifacts = [{ source = "/a", destination = "../../x" }]'],
    ['artifacts[0]', 'artifacts = [{ source = "/a", destination = "/etc/x" }]'],
    ['artifacts[0]', 'artifacts = [{ source = "/a", destination = "manifest.json" }]'],
    ['both memory', '[environment]\nmemory = "2G"\nmemory_mb = 4096'],
    ['both storage', '[environment]\nstorage = "2G"\nstorage_mb = 4096'],
    ['image and docker_image', '[environment]\nimage = "a"\ndocker_image = "b"'],
    ['"http://a.b" is no host', '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["http://a.b"]'],
    ['"a.b:443" is no host', '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["a.b:443"]'],
    ['agent.allowed_hosts', '[agent]\nnetwork_mode = "public"\nallowed_hosts = ["a.b"]'],
    [
      'environment_mode',
      '[verifier]\nenvironment_mode = "shared"\n[verifier.environment]\ndocker_image = "x"',
    ],
    ['contradicts version', 'schema_version = "1.1"\nversion = "1.0"'],
    ['schema_version', 'schema_version = "2.0"'],
    ['needs a url', '[environment]\nmcp_servers = [{ name = "m" }]'],
    ['task.toml:2:', '[agent]\ntimeout_sec = = 3'],
  ])('is refused, with file and key named: %s', async (key, toml) => {
    const error = await load(toml).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TaskError);
    expect(String(error)).toContain(path.join(scratch.dir, 'one', 'task.toml'));
    expect(String(error)).toContain(key);
  });

  test.each([
    ['instruction', { 'one/instruction.md': ' \n' }, '', 'instruction.md'],
    ['link', {}, '../../etc', 'leaves the task'],
    ['absolute link', {}, '/etc/hostname', 'leaves the task'],
  ])('is refused for a bad folder: %s', async (_what, files, link, message) => {
    await scratch.write(harborTask('one'));
    await scratch.write(files);
    if (link !== '') await symlink(link, path.join(scratch.dir, 'one', 'tests', 'link'));
    await expect(loadTask(path.join(scratch.dir, 'one'))).rejects.toThrow(message);
  });

  test('may have links below environment/ that lead out or round in a circle: a build takes them as links', async () => {
    await scratch.write({ ...harborTask('one'), 'one/environment/sub/file': 'x' });
    const environment = path.join(scratch.dir, 'one', 'environment');
    await symlink('/app/config', path.join(environment, 'absolute'));
    await symlink('../../..', path.join(environment, 'sub', 'out'));
    await symlink('..', path.join(environment, 'sub', 'round'));
    const { dir } = await loadTask(path.join(scratch.dir, 'one'));
    const below = (await listFiles(dir)).map((file) => file.path).filter((name) => name.includes('sub/'));
    expect(below).toEqual(['environment/sub/file']);
  });

  test('is refused without test.sh, and without an image or a Dockerfile', async () => {
    await scratch.write({ 'a/task.toml': '', 'a/instruction.md': 'x', 'a/tests/test.sh': '' });
    await scratch.write({ 'b/task.toml': '[environment]\ndocker_image = "x"', 'b/instruction.md': 'x' });
    await expect(loadTask(path.join(scratch.dir, 'a'))).rejects.toThrow(/environment: no Dockerfile/);
    await expect(loadTask(path.join(scratch.dir, 'b'))).rejects.toThrow(/test\.sh: .* missing/);
  });

  test('for Windows loads with its own scripts', async () => {
    const task = await load('[environment]\nos = "windows"', {
      'one/tests/test.bat': '',
      'one/solution/solve.bat': '',
    });
    expect(task).toMatchObject({ environment: { os: 'windows' }, verifier: { script: 'test.bat' } });
    expect(task.solution.script).toBe('solve.bat');
  });

  test('is not judged by what stands in variables that are not known yet', async () => {
    const compose =
      'services: { main: { shm_size: "${SIZE:?how much}", network_mode: "${MODE:?}", healthcheck: { test: x, interval: "${EVERY}" } } }\n';
    const { refusals } = await load('[environment]\n', { 'one/environment/docker-compose.yaml': compose });
    expect(refusals).toEqual([]);
    const plain = { 'one/environment/docker-compose.yaml': 'services: { main: { shm_size: "" } }\n' };
    await expect(load('[environment]\n', plain)).rejects.toThrow('"" is no size');
  });

  test('keeps its compose file for when the variables are known, and the build context beside it', async () => {
    const file = 'one/environment/docker-compose.yaml';
    const { environment } = await load('', {
      [file]: 'services:\n  main:\n    build: { context: "${CONTEXT_DIR}" }\n  db:\n    image: postgres\n',
    });
    expect(environment.unsupported).toEqual([]);
    expect(environment.compose?.file).toBe(path.join(scratch.dir, file));
    expect(environment.buildContext).toBe(path.join(scratch.dir, 'one', 'environment'));
  });
});

test('whatever a task.toml says, it is read or refused with its name, never crashed on', async () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.record({ command: fc.string(), name: fc.string(), timeout_sec: fc.integer() }, { requiredKeys: [] }),
  );
  const keys = [
    'env',
    'timeout_sec',
    'user',
    'collect',
    'memory',
    'cpus',
    'healthcheck',
    'network_mode',
    'x',
  ];
  const table = fc.dictionary(fc.constantFrom(...keys), fc.oneof(leaf, fc.array(leaf, { maxLength: 2 })));
  const roots = [
    'schema_version',
    'version',
    'agent',
    'verifier',
    'environment',
    'solution',
    'task',
    'artifacts',
    'steps',
  ];
  const document = fc.dictionary(
    fc.constantFrom(...roots),
    fc.oneof(leaf, table, fc.array(table, { maxLength: 2 })),
  );
  await fc.assert(
    fc.asyncProperty(document, async (value) => {
      const error = await load(stringify(value)).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) return;
      expect(error).toBeInstanceOf(TaskError);
      expect(error).toHaveProperty('message', expect.stringContaining(path.join(scratch.dir, 'one')));
    }),
    { numRuns: 150 },
  );
});
