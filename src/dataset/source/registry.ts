import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { InputError, TaskError } from '../../base/errors.js';
import { readForeignFile } from '../../base/foreign-file.js';
import { checkShape } from '../formats/check-shape.js';
import { gitRevision, requireDistinctFolders, taskName, type Manifest } from './manifest.js';
import { parseJson } from '../../base/json-value.js';

/** Harbor's registry.json: datasets as lists of tasks in repositories. Metrics and other keys say nothing to us. */
const registrySchema = z.array(
  z.object({
    name: z.string().min(1),
    version: z.string().min(1),
    description: z.string().default(''),
    tasks: z.array(
      z.object({
        name: z.string().regex(taskName, 'not a task name'),
        git_url: z.string().regex(/^[^-]/).nullish(),
        git_commit_id: z.string().regex(gitRevision).nullish(),
        path: z.string(),
      }),
    ),
  }),
);

type Entry = z.infer<typeof registrySchema>[number];

const maxRegistryBytes = 2 ** 26;

/** The datasets of a registry file, as manifests. Throws TaskError naming the file and the key. */
async function readRegistry(file: string): Promise<readonly Entry[]> {
  const found = await readForeignFile(path.dirname(file), path.basename(file), {
    maxBytes: maxRegistryBytes,
  });
  if (found.kind !== 'file')
    throw new TaskError(`${file}: it ${found.kind === 'missing' ? 'is not there' : found.reason}`);
  const value = parseJson(found.value.toString('utf8'));
  if (value === undefined) throw new TaskError(`${file}: no JSON, or nested too deep`);
  return checkShape(file, registrySchema, value);
}

/**
 * The dataset `name` or `name@version` of a registry file; an empty name is its only one. Without a version it is `head`, else the
 * highest, as in Harbor. Null when the file has none of that name.
 */
export async function findInRegistry(
  file: string,
  reference: string,
): Promise<{ readonly name: string; readonly manifest: Manifest } | null> {
  const entries = await readRegistry(file);
  const names = entries.map(({ name, version }) => `${name}@${version}`);
  if (reference === '' && entries.length !== 1)
    throw new InputError(`${file} has ${entries.length} datasets: say which`, {
      hint: `write ${file}#NAME@VERSION; it has ${names.slice(0, 20).join(', ')}`,
    });
  const at = reference.lastIndexOf('@');
  const [name, version] = at > 0 ? [reference.slice(0, at), reference.slice(at + 1)] : [reference, null];
  const named = entries.filter((one) => reference === '' || one.name === name);
  const entry =
    version === null
      ? (named.find((one) => one.version === 'head') ?? [...named].sort(byVersion).at(-1))
      : named.find((one) => one.version === version);
  return entry === undefined ? null : { name: fileName(entry), manifest: toManifest(file, entry) };
}

/** Numbers by value, everything else by its text: 2.10 is higher than 2.9. */
function byVersion(one: Entry, other: Entry): number {
  return one.version.localeCompare(other.version, 'en', { numeric: true });
}

/** The copy's name in the cache: with what its tasks are, since another registry may call other tasks the same. */
function fileName({ name, version, tasks }: Entry): string {
  const id = createHash('sha256').update(JSON.stringify(tasks)).digest('hex').slice(0, 8);
  return `${name}-${version}-${id}`.replaceAll(/[^\w.-]/g, '-');
}

function toManifest(file: string, { name, version, description, tasks }: Entry): Manifest {
  const local = tasks.filter(({ git_url }) => git_url == null).map((task) => task.name);
  if (local.length > 0)
    throw new InputError(`${file}: ${name}: ${local.slice(0, 3).join(', ')} has no git_url`, {
      hint: 'give the folder that holds them: --dataset PATH',
    });
  requireDistinctFolders(file, tasks);
  return {
    file,
    publishedName: name,
    description,
    version,
    sources: [],
    tasks: tasks.map((task) => {
      const commit = /^[0-9a-f]{40}$/.test(task.git_commit_id ?? '') ? (task.git_commit_id ?? null) : null;
      const ref = commit === null ? (task.git_commit_id ?? null) : null;
      return {
        fullName: task.name,
        name: task.name.slice(task.name.indexOf('/') + 1),
        digest: null,
        checksum: null,
        place: { git: task.git_url ?? '', commit, ref: ref === 'HEAD' ? null : ref, path: task.path },
      };
    }),
    warnings: [],
  };
}
