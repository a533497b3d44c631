import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../base/errors.js';
import { nearestName } from '../base/nearest-name.js';
import { findJobFolders } from './find-job-folders.js';

/** As a job's name: the one that was worked on last. */
const latest = 'latest';
const namesShown = 8;

/**
 * The folder of a name: the path itself, else that name under `results`; `latest`, alone or before a trial's name, is the
 * job there that was worked on last. Throws `InputError` with the names there are.
 */
export async function findFolder(name: string, results: string): Promise<string> {
  for (const path of [name, join(results, name)]) if (await exists(path)) return path;
  const [first, ...rest] = name.split('/');
  if (first === latest) {
    const folder = join(await latestJob(results), ...rest);
    if (await exists(folder)) return folder;
    throw await absent(folder, results);
  }
  throw await absent(name, results);
}

async function latestJob(results: string): Promise<string> {
  const times = await Promise.all(
    (await foldersIn(results)).map(async (name) => {
      const files = ['events.jsonl', 'result.json', 'config.json'].map((file) => join(results, name, file));
      const stats = await Promise.all(files.map((file) => stat(file).catch(() => null)));
      const worked = stats.reduce((last, file) => Math.max(last, file?.mtimeMs ?? 0), 0);
      return { path: join(results, name), worked };
    }),
  );
  const [newest] = times.filter(({ worked }) => worked > 0).sort((a, b) => b.worked - a.worked);
  if (newest !== undefined) return newest.path;
  throw new InputError(`there is no job in ${results}`, {
    hint: 'Another folder is named with --results DIR.',
  });
}

/** The error for a name that is nowhere, with the names that are there. */
async function absent(name: string, results: string): Promise<InputError> {
  const shelf = await shelfOf(name, results);
  const names = shelf === results ? await findJobFolders(shelf) : await foldersIn(shelf);
  // Of a trial whose job is not there, the job's name is what was mistyped.
  const sought = shelf === results ? (name.split('/').find((part) => part !== '') ?? name) : basename(name);
  const nearest = nearestName(sought, names);
  const known = names.slice(0, namesShown).join(', ') + (names.length > namesShown ? ', ...' : '');
  const ofLatest = await inLatest(name, results);
  const hint = [
    ...(ofLatest ? [`The latest job has it: ${latest}/${name}.`] : []),
    ...(nearest === null ? [] : [`Did you mean ${nearest}?`]),
    names.length === 0 ? `There is nothing in ${shelf}.` : `In ${shelf}: ${known}`,
  ].join(' ');
  return new InputError(`no job folder or trial at ${name}, nor in ${results}`, { hint });
}

/** The folder whose names the missing one is held against: that of its job or of its path where there is one, else the results. */
async function shelfOf(name: string, results: string): Promise<string> {
  const parent = dirname(name);
  if (parent === '.') return results;
  for (const path of [join(results, parent), parent]) if (await exists(path)) return path;
  return results;
}

async function inLatest(name: string, results: string): Promise<boolean> {
  const job = await latestJob(results).catch(() => null);
  return job !== null && (await exists(join(job, name)));
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
