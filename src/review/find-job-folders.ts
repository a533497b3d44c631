import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that only a job's folder has: ours and Harbor's, Terminal-Bench 1's, mini-swe-agent's. */
const markers = ['config.json', 'run_metadata.json', 'results.json', 'preds.json', 'events.jsonl'];
const deepest = 3;
const mostFolders = 1000;

/**
 * Folders below `root` that hold a job, relative to it; `''` is `root` itself. A folder of jobs is looked through, a
 * job's own folders are not. No link is followed.
 */
export async function findJobFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (below: string, depth: number): Promise<void> => {
    const dir = join(root, below);
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
    if (found.length >= mostFolders) return;
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    const names = folders.map(({ name }) => name);
    const isJob =
      entries.some((entry) => entry.isFile() && isMarker(entry.name)) || (await holdsTrial(dir, names));
    if (isJob) found.push(below);
    else if (depth < deepest)
      for (const name of names.sort()) await look(below === '' ? name : `${below}/${name}`, depth + 1);
  };
  await look('', 0);
  return found;
}

function isMarker(name: string): boolean {
  return markers.includes(name) || name.endsWith('.traj.json');
}

/** Jobs that were copied without their own files are told by their trials; a look at a few folders is enough. */
async function holdsTrial(dir: string, folders: readonly string[]): Promise<boolean> {
  for (const name of folders.slice(0, 20)) {
    const isTrial = await Promise.all(
      ['agent', 'verifier', 'steps', 'trial.log', `${name}.traj.json`].map((part) =>
        lstat(join(dir, name, part)).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (isTrial.includes(true)) return true;
  }
  return false;
}
