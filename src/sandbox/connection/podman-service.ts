import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import { containersConf } from './containers-conf.js';
import { EngineClient } from './engine-client.js';
import { answersPing } from './engine-info.js';
import type { HostVariables } from '../../base/host-variables.js';
import { readHostFacts } from './host-facts.js';
import { identify, ownerState, type ProcessIdentity } from '../../base/process-identity.js';
import { waitForFileLock } from '../../base/files/file-lock.js';

/**
 * `podman system service` on a private socket, shared by all tbench processes of this user:
 *
 *     RUN/podman.sock      the socket
 *     RUN/service.json     who serves it (pid, start time)
 *     RUN/containers.conf  podman's configuration, where the host needs one
 *     RUN/service.log      what the service said
 *     RUN/users/PID        one file a process that uses it; the last to leave ends it
 */
export interface PodmanService extends AsyncDisposable {
  readonly url: string;
  /** Starts the service again when it died. */
  revive(signal?: AbortSignal): Promise<void>;
}

export interface PodmanServiceOptions {
  readonly podman: string;
  readonly runDir: string;
  readonly env: HostVariables;
  readonly signal?: AbortSignal | undefined;
}

const startLimitMs = 20_000;

/** Joins the running service or starts one. */
export async function openPodmanService(options: PodmanServiceOptions): Promise<PodmanService> {
  const { runDir } = options;
  const usersDir = join(runDir, 'users');
  await mkdir(usersDir, { recursive: true, mode: 0o700 });
  const userFile = join(usersDir, `${process.pid}-${Date.now()}`);
  await writeFile(userFile, JSON.stringify(identify()), { mode: 0o600 });
  try {
    await ensureRunning(options);
  } catch (error) {
    await rm(userFile, { force: true });
    throw error;
  }
  return {
    url: `unix://${socketPath(runDir)}`,
    revive: (signal) => ensureRunning({ ...options, signal }),
    [Symbol.asyncDispose]: async () => {
      await using _lock = await waitForFileLock(join(runDir, 'service.lock'));
      await rm(userFile, { force: true });
      if (!(await hasLivingUsers(usersDir))) await endService(runDir);
    },
  };
}

function socketPath(runDir: string): string {
  return join(runDir, 'podman.sock');
}

async function ensureRunning(options: PodmanServiceOptions): Promise<void> {
  const { runDir, signal } = options;
  const client = new EngineClient({ socketPath: socketPath(runDir) });
  if (await answersPing(client)) return;
  await using _lock = await waitForFileLock(join(runDir, 'service.lock'), signal);
  if (await answersPing(client)) return;
  await endService(runDir);
  await startService(options);
  const startedAt = performance.now();
  while (!(await answersPing(client))) {
    if (performance.now() - startedAt > startLimitMs) throw await startFailure(options);
    await sleep(50, signal);
  }
}

async function startService({ podman, runDir, env }: PodmanServiceOptions): Promise<void> {
  const serviceEnv: Record<string, string | undefined> = { ...env };
  const conf = containersConf(readHostFacts(env));
  if (conf !== null) {
    serviceEnv['CONTAINERS_CONF'] = join(runDir, 'containers.conf');
    await writeFile(serviceEnv['CONTAINERS_CONF'], conf, { mode: 0o600 });
  }
  await using log = await open(join(runDir, 'service.log'), 'w', 0o600);
  const child = spawn(podman, ['system', 'service', '--time=0', `unix://${socketPath(runDir)}`], {
    // Its own session: a Ctrl-C in the terminal must not end it before our containers are removed.
    detached: true,
    // conmon leaves a file named `oom` where the service was started when a container runs out of memory.
    cwd: runDir,
    env: serviceEnv,
    stdio: ['ignore', log.fd, log.fd],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  child.unref();
  await writeFile(join(runDir, 'service.json'), JSON.stringify(identify(pid)), { mode: 0o600 });
}

async function hasLivingUsers(usersDir: string): Promise<boolean> {
  let isUsed = false;
  for (const name of await readdir(usersDir)) {
    const file = join(usersDir, name);
    const user = await readIdentity(file);
    if (user !== null && ownerState(user) !== 'dead') isUsed = true;
    else await rm(file, { force: true });
  }
  return isUsed;
}

/** Ends the recorded service if that process is still it. Containers live on: each has a monitor of its own. */
async function endService(runDir: string): Promise<void> {
  const file = join(runDir, 'service.json');
  const identity = await readIdentity(file);
  if (identity !== null && ownerState(identity) === 'alive') {
    process.kill(identity.pid, 'SIGTERM');
    for (let waits = 0; waits < 50 && ownerState(identity) === 'alive'; waits += 1) await sleep(20);
    if (ownerState(identity) === 'alive') process.kill(identity.pid, 'SIGKILL');
  }
  await rm(file, { force: true });
  await rm(socketPath(runDir), { force: true });
}

async function readIdentity(file: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}

async function startFailure({ runDir, podman }: PodmanServiceOptions): Promise<EnvironmentError> {
  const log = await readFile(join(runDir, 'service.log'), 'utf8').catch(() => '');
  const said = log.trim().split('\n').slice(-3).join(' | ');
  return new EnvironmentError(
    `podman's service did not come up within ${startLimitMs / 1000} s: ${said || 'it said nothing'}`,
    {
      hint: `try \`${podman} info\`; its log is ${join(runDir, 'service.log')}`,
    },
  );
}
