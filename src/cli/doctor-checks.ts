import { execFile } from 'node:child_process';
import { existsSync, type StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { describeError, TbenchError } from '../base/errors.js';
import type { ContainerEngine, EngineInfo } from '../sandbox/container-engine.js';

/** One thing looked at. `mend` says what to do about a warning or failure. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly mend: string | null;
}

const okCheck = (name: string, detail: string): Check => ({ name, state: 'ok', detail, mend: null });

/** The base image every sample task starts from; any other image would do as well for the limits check. */
const probeImage = 'docker.io/library/debian:bookworm-slim';
const probeSource = {
  reference: probeImage,
  buildContext: null,
  dockerfile: 'Dockerfile',
  buildTimeoutMs: 60_000,
};
const gibibyte = 2 ** 30;
const leastFreeBytes = 10 * gibibyte;

export function checkNode(version: string): Check {
  const major = Number(version.replace(/^v/, '').split('.')[0]);
  if (major >= 20) return okCheck('node', version);
  return { name: 'node', state: 'fail', detail: version, mend: 'Install Node 20 or later.' };
}

/** Free space where a folder lies, or will lie. A full disk stops a job, but loses nothing. */
export async function checkDisk(name: string, path: string): Promise<Check> {
  const stats = await nearestStatfs(path);
  const freeBytes = stats.bavail * stats.bsize;
  const detail = `${(freeBytes / gibibyte).toFixed(1)} GiB free at ${path}`;
  if (freeBytes >= leastFreeBytes) return okCheck(name, detail);
  return {
    name,
    state: 'warn',
    detail,
    mend: 'Images of TB 2.1 need about 9 GiB; free some space or move the folder.',
  };
}

/** Free space where the engine keeps images and sandboxes; nothing to say when that is another machine's disk. */
export async function checkEngineDisk({ storageDir }: EngineInfo): Promise<Check[]> {
  return storageDir === null || !existsSync(storageDir) ? [] : [await checkDisk('storage', storageDir)];
}

/** What a run says before its first sandbox when space is short where results, or images and sandboxes, go. */
export async function freeSpaceWarnings(resultsDir: string, engine: EngineInfo): Promise<readonly string[]> {
  const checks = [await checkDisk('disk', resultsDir), ...(await checkEngineDisk(engine))];
  const short = checks.filter(({ state }) => state !== 'ok');
  return short.map(({ detail, mend }) => `little disk space: ${detail}. ${mend ?? ''}`);
}

/** git, without which named datasets cannot be fetched. */
export async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    return okCheck('git', stdout.trim());
  } catch {
    return {
      name: 'git',
      state: 'warn',
      detail: 'not found',
      mend: 'Install git to fetch datasets by name (apt-get install git).',
    };
  }
}

export function checkEngine(engine: ContainerEngine): Check {
  const { name, version, socket, runtime, cgroupVersion, cpus, memoryBytes, rootless, ownService } =
    engine.info;
  const how = ownService ? 'started by tbench' : 'found';
  const size = `${cpus} cpus, ${(memoryBytes / gibibyte).toFixed(1)} GiB`;
  const kind = `${runtime}, cgroup ${cgroupVersion}${rootless ? ', rootless' : ''}`;
  return okCheck('engine', `${name} ${version} at ${socket} (${how}; ${kind}; ${size})`);
}

/** The image that the sample tasks and the next check start from. */
export async function checkImage(engine: ContainerEngine, signal: AbortSignal): Promise<Check> {
  try {
    const image = await engine.ensureImage(probeSource, { pull: 'never', forceBuild: false, signal });
    return okCheck('images', `${probeImage} is here (${image.id.slice(0, 19)})`);
  } catch (error) {
    signal.throwIfAborted();
    return failed('images', error, `Pull ${probeImage}, or build it with npm run setup.`);
  }
}

/** Starts one small sandbox and reports the limits that did not take, and how long it took. */
export async function checkSandbox(engine: ContainerEngine, signal: AbortSignal): Promise<Check> {
  const name = 'sandbox';
  const started = performance.now();
  try {
    const image = await engine.ensureImage(probeSource, { pull: 'never', forceBuild: false, signal });
    await using sandbox = await engine.createSandbox(
      {
        image,
        cpus: 1,
        memoryBytes: 256 * 2 ** 20,
        pidsLimit: 64,
        network: 'none',
        env: {},
        workdir: null,
        user: null,
        owner: { job: 'doctor', trial: 'doctor', task: 'doctor' },
      },
      signal,
    );
    const said = await sandbox.run('echo tbench', { timeoutMs: 10_000, signal });
    if (said.exitCode !== 0) throw new Error(`echo ended with ${said.exitCode}: ${said.output.head}`);
    const { warnings } = sandbox.limits;
    const took = `${Math.round(performance.now() - started)} ms from image to first command`;
    if (warnings.length === 0) return okCheck(name, `${took}; cpu, memory and process limits take`);
    return {
      name,
      state: 'warn',
      detail: `${took}; ${warnings.join('; ')}`,
      mend: 'Results may differ from machines where these limits take.',
    };
  } catch (error) {
    signal.throwIfAborted();
    return failed(name, error, `Build or pull ${probeImage}: npm run setup`);
  }
}

/** A check that failed with an error: its message, and its own hint where it has one. */
export function failed(name: string, error: unknown, mend: string): Check {
  const hint = error instanceof TbenchError ? error.hint : undefined;
  const detail = error instanceof Error ? error.message : describeError(error);
  return { name, state: 'fail', detail, mend: hint ?? mend };
}

/** The file system a path will lie on: of its nearest ancestor that exists. */
async function nearestStatfs(path: string): Promise<StatsFs> {
  try {
    return await statfs(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return nearestStatfs(parent);
  }
}
