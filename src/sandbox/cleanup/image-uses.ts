import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** When an image was last used here. */
export interface ImageUse {
  readonly atMs: number;
  /** True when tbench fetched it; an image that was here before is the user's. */
  readonly isFetched: boolean;
}

/** Remembers which images jobs use, in a folder of the user's cache: a file an image, whose time is the last use. */
export interface ImageUses {
  /** Notes a use of now. Housekeeping: a cache that cannot be written is no error. */
  note(id: string, how: { readonly isFetched: boolean }): Promise<void>;
  /** By image id, `sha256:...`. */
  all(): Promise<ReadonlyMap<string, ImageUse>>;
  forget(id: string): Promise<void>;
}

const idPattern = /^sha256:([0-9a-f]{64})$/;
const fetched = 'fetched by tbench\n';

export function imageUses(dir: string): ImageUses {
  const noted = new Set<string>();
  const fileOf = (id: string): string | null => {
    const hex = idPattern.exec(id)?.[1];
    return hex === undefined ? null : join(dir, hex);
  };
  return {
    async note(id, { isFetched }) {
      const file = fileOf(id);
      if (file === null || (noted.has(id) && !isFetched)) return;
      noted.add(id);
      await touch(dir, file, isFetched).catch(() => undefined);
    },
    async all() {
      const names = await readdir(dir).catch(() => []);
      const uses = await Promise.all(names.map((name) => readUse(dir, name)));
      return new Map(uses.filter((use) => use !== null));
    },
    async forget(id) {
      const file = fileOf(id);
      if (file !== null) await rm(file, { force: true }).catch(() => undefined);
    },
  };
}

async function touch(dir: string, file: string, isFetched: boolean): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(file, isFetched ? fetched : '', { flag: isFetched ? 'w' : 'a' });
  const now = new Date();
  await utimes(file, now, now);
}

async function readUse(dir: string, name: string): Promise<[string, ImageUse] | null> {
  const id = `sha256:${name}`;
  if (!idPattern.test(id)) return null;
  const file = join(dir, name);
  const { mtimeMs } = await stat(file);
  return [id, { atMs: mtimeMs, isFetched: (await readFile(file, 'utf8')) === fetched }];
}
