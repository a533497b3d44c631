import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../../test/doubles/task-folder.js';
import { loadTask } from '../../dataset/load-task.js';
import { withHostRefusals } from './host-refusals.js';

let scratch: ScratchFolder;
beforeEach(async () => void (scratch = await scratchFolder()));
afterEach(() => scratch[Symbol.asyncDispose]());

async function refusalsOf(
  toml: string,
  host: { readonly version?: string; readonly name?: 'docker' | 'podman'; readonly policy?: string | null },
  compose = true,
): Promise<readonly string[]> {
  const { version = '20.10.24', name = 'docker', policy = null } = host;
  const file = 'one/environment/docker-compose.yaml';
  const services = compose ? { [file]: 'services:\n  main: { image: x }\n  db: { image: y }\n' } : {};
  await scratch.write({ ...harborTask('one', toml), ...services });
  const dataset = { tasks: [await loadTask(path.join(scratch.dir, 'one'))] };
  const engine = { info: { name, version }, policyRefusal: () => Promise.resolve(policy) };
  return (await withHostRefusals(dataset, engine)).tasks[0]!.refusals;
}

const listed = '[agent]\nnetwork_mode = "allowlist"\nallowed_hosts = ["a.example"]';
const closed = '[environment]\nnetwork_mode = "no-network"';

test.each([listed, closed])(
  'services under a policy are refused where Docker passes names on (%j)',
  async (toml) => {
    for (const version of ['20.10.24', '20.10.24+dfsg1', '23.0.10', '24.0.9', '25.0.4', 'unknown'])
      expect(await refusalsOf(toml, { version }), version).toEqual([
        expect.stringContaining('cannot be kept here: Docker'),
      ]);
    for (const version of ['23.0.11', '25.0.5', '26.0.0', '28.1.0'])
      expect(await refusalsOf(toml, { version }), version).toEqual([]);
    expect(await refusalsOf(toml, { name: 'podman', version: '4.3.1' })).toEqual([]);
  },
);

test('a policy for one sandbox is kept on every Docker', async () => {
  expect(await refusalsOf(listed, {}, false)).toEqual([]);
});

test('without a policy, services run on every Docker', async () => {
  expect(await refusalsOf('', {})).toEqual([]);
});

test('a policy that the host cannot keep is a reason, and no network from first to last needs none', async () => {
  const host = { name: 'podman', policy: 'there is no nft here' } as const;
  expect(await refusalsOf(listed, host)).toEqual([
    'its network policy cannot be kept here: there is no nft here',
  ]);
  expect(await refusalsOf(closed, host)).toEqual([]);
});
