import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sleep } from '../../base/deadline.js';
import { describeError } from '../../base/errors.js';
import { uniqueSuffix } from '../../base/process-identity.js';
import type { EngineClient } from '../connection/engine-client.js';
import type { EngineInfo } from '../container-engine.js';

/**
 * A control group around a build: the engine's API has no limit for the number of a build's processes, and a build that is
 * cut off goes on without its client (podman 4.3). Disposing it kills what is left of the build.
 */
export interface BuildCgroup extends AsyncDisposable {
  /** For the engine: where the build's own groups are to be made; null where none could be made for it. */
  readonly parent: string | null;
  /** Why none could be made; null when it was. */
  readonly refusal: string | null;
  /** The most memory that the build's processes had at once, in bytes; null where the kernel does not tell. */
  peakBytes(): Promise<number | null>;
}

const root = '/sys/fs/cgroup';
const driverAnswer = z.object({ CgroupDriver: z.string().nullish() });

/** Makes one, where it is ours to make: not of an engine elsewhere, rootless, or whose groups are systemd's. */
export async function openBuildCgroup(
  engine: { readonly client: EngineClient; readonly info: EngineInfo; readonly isLocal: boolean },
  pids: number,
): Promise<BuildCgroup> {
  if (!engine.isLocal) return unlimited('the engine is on another machine');
  if (engine.info.rootless || process.getuid?.() !== 0)
    return unlimited("only root's engine builds in a control group that is made before");
  const what = 'ask the engine how it groups processes';
  const { CgroupDriver: driver } = await engine.client.json(
    { method: 'GET', path: '/info', what },
    driverAnswer,
  );
  if (driver !== 'cgroupfs') return unlimited("the engine's control groups are not plain folders");
  const name = `tbench-build-${uniqueSuffix()}`;
  const isFirst = engine.info.cgroupVersion === '1';
  const controller = join(root, isFirst ? 'pids' : '', name);
  const peakFile = isFirst
    ? join(root, 'memory', name, 'memory.max_usage_in_bytes')
    : join(controller, 'memory.peak');
  try {
    await mkdir(controller);
    await writeFile(join(controller, 'pids.max'), String(pids));
  } catch (error) {
    await rmdir(controller).catch(() => undefined);
    return unlimited(describeError(error).split('\n')[0] ?? '');
  }
  return {
    parent: `/${name}/run`,
    refusal: null,
    peakBytes: async () => Number(await readFile(peakFile, 'utf8').catch(() => '')) || null,
    [Symbol.asyncDispose]: () => removeGroups(name, controller),
  };
}

function unlimited(refusal: string): BuildCgroup {
  return {
    parent: null,
    refusal,
    peakBytes: () => Promise.resolve(null),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Ends what still runs in it, then removes the folders that the engine left, one for each controller. */
async function removeGroups(name: string, controller: string): Promise<void> {
  for (let waits = 0; waits < 500 && (await killIn(controller)) > 0; waits += 1) await sleep(20);
  for (const folder of ['', ...(await readdir(root))]) {
    const group = join(root, folder, name);
    for (const below of await foldersIn(group)) await rmdir(join(group, below)).catch(() => undefined);
    await rmdir(group).catch(() => undefined);
  }
}

/** Kills every process of a group and of those below it. Returns how many there were. */
async function killIn(group: string): Promise<number> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  const found = text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1);
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  const below = await Promise.all((await foldersIn(group)).map((folder) => killIn(join(group, folder))));
  return below.reduce((sum, count) => sum + count, found.length);
}

async function foldersIn(group: string): Promise<readonly string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
