import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../test/doubles/task-folder.js';
import { loadTask } from './load-task.js';

let scratch: ScratchFolder;
beforeEach(async () => void (scratch = await scratchFolder()));
afterEach(() => scratch[Symbol.asyncDispose]());

async function refusalsOf(toml: string, files: Record<string, string> = {}): Promise<readonly string[]> {
  await scratch.write({ ...harborTask('one', toml), ...files });
  return (await loadTask(path.join(scratch.dir, 'one'))).refusals;
}

test('a plain task can be run, also where a phase repeats the network of the environment', async () => {
  expect(await refusalsOf('schema_version = "1.1"')).toEqual([]);
  const offline = 'network_mode = "no-network"\n';
  expect(await refusalsOf(`[environment]\n${offline}[agent]\n${offline}[verifier]\n${offline}`)).toEqual([]);
  expect(await refusalsOf(`[agent]\nnetwork_mode = "public"`)).toEqual([]);
});

test.each([
  ['GPUs', '[environment]\ngpus = 2', 'needs 2 GPU(s)'],
  ['a TPU', '[environment]\ntpu = { type = "v5", topology = "2x4" }', 'needs a TPU'],
  [
    'GPUs for its verifier',
    '[verifier.environment]\ngpus = 1\ndocker_image = "judge"',
    'its verifier: needs 1 GPU(s)',
  ],
  [
    'a hook in a sidecar',
    '[[verifier.collect]]\ncommand = "dump"\nservice = "db"',
    'collects from a service, and has no compose file',
  ],
])('a task with %s is refused, for this one reason', async (_what, toml, reason) => {
  expect(await refusalsOf(toml, { 'one/steps/first/instruction.md': 'First.' })).toEqual([reason]);
});

test('a task for Windows is refused', async () => {
  const files = { 'one/tests/test.bat': '', 'one/solution/solve.bat': '' };
  expect(await refusalsOf('[environment]\nos = "windows"', files)).toEqual(['needs Windows']);
});

test.each([
  '[agent]\nnetwork_mode = "allowlist"\nallowed_hosts = ["*.x.org"]',
  '[agent]\nnetwork_mode = "no-network"',
  '[environment]\nnetwork_mode = "no-network"\n[verifier]\nnetwork_mode = "public"',
])('a network policy is no reason by itself: the host decides (%j)', async (toml) => {
  expect(await refusalsOf(toml)).toEqual([]);
});

test.each([
  ['privileged: true', 'privileged (service main): a privileged container has the host in its hands'],
  ['network_mode: host', "network_mode (service main): it asks for the host's network"],
  ['pid: host', 'pid (service main): it asks for a process table that is not its own'],
  ['ipc: host', 'ipc (service main): it asks for an IPC namespace that is not its own'],
  ['devices: [/dev/kvm]', 'devices (service main): it asks for devices of the host'],
  [
    'volumes: [/var/run/docker.sock:/var/run/docker.sock]',
    "volumes (service main): /var/run/docker.sock: the engine's socket has the host in its hands",
  ],
  ['volumes: [../../etc:/etc2]', 'volumes (service main): ../../etc lies outside the task'],
  [
    'volumes: [{ type: bind, source: /root, target: /x }]',
    'volumes (service main): /root lies outside the task',
  ],
  ['cap_add: [SYS_ADMIN]', 'cap_add (service main): SYS_ADMIN reaches beyond its container'],
  [
    'security_opt: [apparmor:unconfined]',
    'security_opt (service main): apparmor:unconfined would loosen what keeps a container in',
  ],
  ['mystery: 1', 'mystery (service main)'],
])('a compose file that asks for %s is refused with key and reason', async (line, reason) => {
  const compose = `services:\n  main:\n    build: .\n    ${line}\n  db:\n    image: postgres\n`;
  expect(await refusalsOf('', { 'one/environment/docker-compose.yaml': compose })).toEqual([
    `its compose file uses ${reason}`,
  ]);
});

test('a service that no rule of a network holds is refused where a network policy is to be kept, and only there', async () => {
  const files = {
    'one/environment/docker-compose.yaml':
      'services:\n  main: { image: x }\n  tap: { image: x, cap_add: [CAP_net_raw] }\n',
  };
  const reason = 'its network policy cannot be kept: cap_add NET_RAW or NET_ADMIN (service tap) passes by it';
  for (const mode of ['network_mode = "no-network"', 'network_mode = "allowlist"'])
    for (const table of ['environment', 'agent', 'verifier'])
      expect(await refusalsOf(`[${table}]\n${mode}`, files), `${table} ${mode}`).toEqual([reason]);
  expect(await refusalsOf('', files)).toEqual([]);
});

test('what its compose file asks for comes before what the task itself asks for', async () => {
  const compose = 'services:\n  main:\n    build: .\n  db:\n    image: postgres\n    runtime: x\n';
  expect(
    await refusalsOf('[environment]\ngpus = 1', { 'one/environment/docker-compose.yaml': compose }),
  ).toEqual(['its compose file uses runtime (service db)', 'needs 1 GPU(s)']);
});
