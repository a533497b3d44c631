import path from 'node:path';
import { z } from 'zod';
import { TaskError } from '../../base/errors.js';
import { readForeignFile } from '../../base/foreign-file.js';
import { checkShape, parseToml } from '../formats/check-shape.js';
import { unknownKeyWarnings } from '../formats/unknown-keys.js';

/** A task as a manifest lists it. */
export interface ManifestTask {
  /** As declared, e.g. `terminal-bench/fix-git`. */
  readonly fullName: string;
  /** The folder's name: what follows the organisation. */
  readonly name: string;
  /** Package digest, `sha256:<hex>`. */
  readonly digest: string | null;
  /** dirhash checksum, bare hex. */
  readonly checksum: string | null;
  /** Where this task is fetched from, `path` its folder there; null where the dataset's sources have it. */
  readonly place: ManifestSource | null;
}

/** Where a dataset's tasks are fetched from: our extension of dataset.toml. */
export interface ManifestSource {
  readonly git: string;
  /** Pinned commit; null follows `ref`. */
  readonly commit: string | null;
  /** Branch or tag when there is no commit; null is the default branch. */
  readonly ref: string | null;
  /** Folder of the repository that holds the task folders; null finds them anywhere in it. */
  readonly path: string | null;
}

export interface Manifest {
  readonly file: string;
  /** The name it is published under, `org/name`. */
  readonly publishedName: string;
  readonly description: string;
  readonly version: string | null;
  /** Tried in turn; with none, and no place of its own for a task, the file lies beside its task folders. */
  readonly sources: readonly ManifestSource[];
  readonly tasks: readonly ManifestTask[];
  readonly warnings: readonly string[];
}

const sha256 = /^(sha256:)?[0-9a-f]{64}$/;

/** A task's name: `org/name`, or without an organisation. It becomes a folder, so it holds no other path. */
export const taskName = /^([A-Za-z0-9_][\w.-]*\/)?[A-Za-z0-9_][\w.-]*$/;

/** A branch, tag or commit, as git is given it: never an option. */
export const gitRevision = /^[A-Za-z0-9_][\w./+-]*$/;

const sourceKeys = {
  git: z.string().min(1).regex(/^[^-]/, 'a git URL does not start with a dash'),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'a commit is its full hexadecimal id')
    .optional(),
  ref: z.string().regex(gitRevision, 'not a branch or tag name').optional(),
  path: z.string().optional(),
};
const source = z.object(sourceKeys);

const manifestSchema = z.object({
  schema_version: z.union([z.string(), z.number()]).optional(),
  dataset: z.object({
    name: z.string().min(1),
    description: z.string().default(''),
    version: z.string().optional(),
    keywords: z.array(z.string()).default([]),
    authors: z.array(z.object({ name: z.string(), email: z.string().optional() })).default([]),
    /** One, or several that are tried in turn. */
    source: z.union([source, z.array(source).min(1)]).optional(),
  }),
  /** Never interpreted. */
  metadata: z.record(z.string(), z.unknown()).default({}),
  tasks: z
    .array(
      z
        .object({
          name: z.string().regex(taskName, 'a task name is "org/name"'),
          digest: z.string().regex(sha256, 'a digest is "sha256:" and 64 hexadecimal digits').optional(),
          checksum: z.string().regex(sha256, 'a checksum is 64 hexadecimal digits').optional(),
          ...sourceKeys,
          git: sourceKeys.git.optional(),
        })
        .refine(
          ({ git, commit, ref, path }) => git !== undefined || (commit ?? ref ?? path) === undefined,
          'commit, ref and path of a task need its git',
        ),
    )
    .default([]),
  files: z.array(z.object({ path: z.string(), digest: z.string().optional() })).default([]),
});

/** Reads a dataset.toml. Throws TaskError naming the file and the key. */
export async function loadManifest(file: string): Promise<Manifest> {
  const value = parseToml(file, await readText(file));
  const { dataset, tasks, files } = checkShape(file, manifestSchema, value);
  const { source: given = [] } = dataset;
  requireDistinctFolders(file, tasks);
  return {
    file,
    publishedName: dataset.name,
    description: dataset.description,
    version: dataset.version ?? null,
    sources: (Array.isArray(given) ? given : [given]).map(toSource),
    tasks: tasks.map((task) => ({
      fullName: task.name,
      name: task.name.slice(task.name.indexOf('/') + 1),
      digest: task.digest === undefined ? null : `sha256:${task.digest.replace('sha256:', '')}`,
      checksum: task.checksum?.replace('sha256:', '') ?? null,
      place: task.git === undefined ? null : toSource({ ...task, git: task.git }),
    })),
    warnings: [
      ...unknownKeyWarnings(file, manifestSchema, value),
      ...files.map((one) => `${file}: ${one.path} is not used: tbench computes its own statistics`),
    ],
  };
}

/** A task's folder, and its name in every result, is what follows its organisation: two tasks need two of them. */
export function requireDistinctFolders(file: string, tasks: readonly { readonly name: string }[]): void {
  const seen = new Map<string, string>();
  for (const { name } of tasks) {
    const folder = name.slice(name.indexOf('/') + 1);
    const other = seen.get(folder);
    if (other === name) throw new TaskError(`${file}: ${name} is listed twice`);
    if (other !== undefined)
      throw new TaskError(`${file}: ${other} and ${name} would both be the task ${folder}`);
    seen.set(folder, name);
  }
}

function toSource({ git, commit, ref, path: folder }: z.infer<typeof source>): ManifestSource {
  return { git, commit: commit ?? null, ref: ref ?? null, path: folder ?? null };
}

/** Whether a manifest's tasks are fetched, rather than lie beside it. */
export function isFetched({ sources, tasks }: Manifest): boolean {
  return sources.length > 0 || tasks.some(({ place }) => place !== null);
}

const maxManifestBytes = 2 ** 24;

async function readText(file: string): Promise<string> {
  const found = await readForeignFile(path.dirname(file), path.basename(file), {
    maxBytes: maxManifestBytes,
  });
  if (found.kind === 'file') return found.value.toString('utf8');
  throw new TaskError(`${file}: it ${found.kind === 'missing' ? 'is not there' : found.reason}`);
}
