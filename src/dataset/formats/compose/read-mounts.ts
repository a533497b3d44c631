import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { ServiceFile, ServiceMount } from '../../../record/service-spec.js';
import type { ComposeSource } from '../../compose.js';
import { isFile } from '../../task-files.js';
import type { ComposeFile, ServiceYaml } from './compose-schema.js';
import { pathInTask } from './path-in-task.js';
import { readSize } from './units.js';
import { isUnsetMount, shortBind } from './refuse-compose.js';

/** A file or folder of the task that a service sees. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  readonly kind: 'file' | 'folder' | 'missing';
}

/** The volumes and temporary file systems of a service; its binds apart. */
export function readMounts(where: string, { volumes, tmpfs }: ServiceYaml): ServiceMount[] {
  const temporary = (tmpfs ?? []).map((line) => {
    const [target = '', ...options] = line.split(':');
    return tmpfsMount(target, options.join(':').split(','), `${where}.tmpfs`);
  });
  const mounts = (volumes ?? []).flatMap((volume): ServiceMount[] => {
    if (typeof volume === 'string') {
      if (shortBind(volume) !== null || isUnsetMount(volume)) return [];
      const { from, target, isReadOnly } = shortParts(volume);
      return [{ kind: 'volume', volume: from, target, isReadOnly }];
    }
    const { type, source = null, target, read_only: isReadOnly = false } = volume;
    if (type === 'bind') return [];
    if (type === 'volume') return [{ kind: 'volume', volume: source, target, isReadOnly }];
    const { size, mode } = volume.tmpfs ?? {};
    const options = [
      size === undefined ? '' : `size=${size}`,
      mode === undefined ? '' : `mode=${mode.toString(8)}`,
    ];
    return [tmpfsMount(target, options, `${where}.volumes`)];
  });
  return [...mounts, ...temporary];
}

/** What a service sees of the task's files, wherever a bind may lead. */
export async function readBinds(
  source: ComposeSource,
  where: string,
  { volumes }: ServiceYaml,
): Promise<Bind[]> {
  const binds = (volumes ?? []).flatMap((volume) => {
    if (typeof volume === 'string') {
      const { from, target, isReadOnly } = shortParts(volume);
      return shortBind(volume) === null || isUnsetMount(volume)
        ? []
        : [{ from: from ?? '', target, isReadOnly }];
    }
    const { type, source: from = '', target, read_only: isReadOnly = false } = volume;
    return type === 'bind' ? [{ from, target, isReadOnly }] : [];
  });
  return Promise.all(
    binds.map(async ({ from, ...bind }) => {
      const absolute = await below(source, where, from);
      const found = await stat(absolute).catch(() => null);
      const kind = found === null ? 'missing' : found.isDirectory() ? 'folder' : 'file';
      return { ...bind, source: absolute, kind } as const;
    }),
  );
}

/** The secrets and configs that a service has, as files. */
export async function readSecrets(
  { source, yaml }: { readonly source: ComposeSource; readonly yaml: ComposeFile },
  where: string,
  service: ServiceYaml,
): Promise<ServiceFile[]> {
  const kinds = [
    ['secrets', '/run/secrets/'],
    ['configs', '/'],
  ] as const;
  const wanted = kinds.flatMap(([kind, folder]) =>
    (service[kind] ?? []).map((entry) => ({ kind, folder, entry })),
  );
  return Promise.all(
    wanted.map(async ({ kind, folder, entry }) => {
      const settings = typeof entry === 'string' ? { source: entry } : entry;
      const { source: name, target = name, mode = null, uid = 0, gid = 0 } = settings;
      const file = yaml[kind]?.[name]?.file;
      if (file === undefined) throw new TaskError(`${where}.${kind}: there is no ${name}`);
      const absolute = await below(source, where, file);
      if (!(await isFile(absolute))) throw new TaskError(`${where}.${kind}: ${file} is no file of the task`);
      return { source: absolute, target: target.startsWith('/') ? target : folder + target, mode, uid, gid };
    }),
  );
}

function tmpfsMount(target: string, options: readonly string[], where: string): ServiceMount {
  const written = options.filter((option) => option !== '');
  const known = written.map((option) =>
    option.startsWith('size=') ? `size=${readSize(where, option.slice('size='.length))}` : option,
  );
  return { kind: 'tmpfs', target, options: known.join(',') };
}

/** `source:target:ro`, `target`. */
function shortParts(volume: string): {
  readonly from: string | null;
  readonly target: string;
  readonly isReadOnly: boolean;
} {
  const [first = '', target, mode = ''] = volume.split(':');
  const isReadOnly = mode.split(',').includes('ro');
  return target === undefined
    ? { from: null, target: first, isReadOnly }
    : { from: first, target, isReadOnly };
}

/** Where a path of the file leads, links followed; it may not lead out of the task. */
async function below(source: ComposeSource, where: string, written: string): Promise<string> {
  const absolute = pathInTask(source, written);
  const real = absolute === null ? null : await realpath(absolute).catch(() => absolute);
  const root = await realpath(source.taskDir);
  const isInside = real !== null && (real === root || real.startsWith(root + path.sep) || real === absolute);
  if (!isInside) throw new TaskError(`${where}: ${written} lies outside the task`);
  return real;
}
