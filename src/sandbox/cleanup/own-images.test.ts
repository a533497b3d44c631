import { expect, test } from 'vitest';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { ImageUse, ImageUses } from './image-uses.js';
import { removeOwnImages } from './own-images.js';

const built = { 'tbench.built': '1' };
const image = (digit: string, size: number, more: object) => ({
  Id: `sha256:${digit.repeat(64)}`,
  Size: size,
  Created: 1,
  ...more,
});
const listed = [
  image('a', 30, { RepoTags: ['localhost/tbench/old:1'], Labels: built }),
  image('b', 30, { RepoTags: ['docker.io/lib/fetched:1'] }),
  image('c', 30, { RepoTags: ['localhost/tbench/recent:1', 'mine:1'], Labels: built }),
  image('d', 500, { RepoTags: ['users-own:1'] }),
  image('e', 30, { RepoTags: ['<none>:<none>'], Labels: built }),
  image('9', 30, { RepoTags: ['docker.io/lib/named-twice:1', 'mine-too:1'] }),
  image('f', 30, { RepoTags: ['docker.io/lib/users:1'] }),
];

/** An engine of these images, in which one is in use. */
function engineOf(): { client: EngineClient; removed: string[] } {
  const removed: string[] = [];
  const client = {
    json: (_call: unknown, schema: { parse(value: unknown): unknown }) =>
      Promise.resolve(schema.parse(listed)),
    send: ({ path }: { path: string }) => {
      if (path.includes('old')) return Promise.reject(new EngineCallError('in use', 409, 'in use', {}));
      removed.push(path);
      return Promise.resolve();
    },
  } as unknown as EngineClient;
  return { client, removed };
}

function usesOf(uses: Readonly<Record<string, ImageUse>>): ImageUses & { readonly forgotten: string[] } {
  const forgotten: string[] = [];
  return {
    forgotten,
    note: () => Promise.resolve(),
    all: () =>
      Promise.resolve(
        new Map(Object.entries(uses).map(([digit, use]) => [`sha256:${digit.repeat(64)}`, use])),
      ),
    forget: (id) => Promise.resolve(void forgotten.push(id)),
  };
}

const uses = {
  a: { atMs: 1_000_000, isFetched: false },
  b: { atMs: 3_000_000, isFetched: true },
  c: { atMs: 4_000_000, isFetched: false },
  '9': { atMs: 2, isFetched: true },
  f: { atMs: 5_000_000, isFetched: false },
};
const names = (removed: readonly { name: string }[]) => removed.map(({ name }) => name);

test('without a size every built image goes that no container uses, under tbench names only, and no fetched one', async () => {
  const { client, removed } = engineOf();
  const gone = await removeOwnImages(client, usesOf(uses), { isRehearsal: false, keepBytes: null });
  expect(names(gone)).toEqual(['localhost/tbench/recent:1', `sha256:${'e'.repeat(64)}`]);
  expect(removed).toHaveLength(2);
});

test('with a size the images used last are kept, and those of the user do not count', async () => {
  const { client } = engineOf();
  const noted = usesOf(uses);
  const gone = await removeOwnImages(client, noted, { isRehearsal: false, keepBytes: 60 });
  // `old` is in use; what no job used is as old as itself.
  expect(names(gone)).toEqual([`sha256:${'e'.repeat(64)}`]);
  expect(noted.forgotten).toHaveLength(1);
  const more = await removeOwnImages(client, noted, { isRehearsal: false, keepBytes: 59 });
  expect(names(more)).toEqual([`sha256:${'e'.repeat(64)}`, 'docker.io/lib/fetched:1']);
});

test('a rehearsal removes nothing', async () => {
  const { client, removed } = engineOf();
  const gone = await removeOwnImages(client, usesOf(uses), { isRehearsal: true, keepBytes: 0 });
  expect(gone).toHaveLength(4);
  expect(removed).toEqual([]);
});
