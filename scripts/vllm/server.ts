import { spawn, execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A vLLM of ours on loopback. Its processes are one group; disposal ends the group. */
export interface VllmServer extends AsyncDisposable {
  readonly root: string;
  readonly baseUrl: string;
  /** A counter or gauge of /metrics, summed over its labels. */
  metric(name: string): Promise<number>;
  /** To the engine and its workers, not to the HTTP server before them. */
  signalEngine(name: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export interface Start {
  readonly venv: string;
  readonly model: string;
  readonly port: number;
  readonly log: string;
  /** Further options of vLLM; the last of two counts. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function startVllm({
  venv,
  model,
  port,
  log,
  options = [],
  env = {},
}: Start): Promise<VllmServer> {
  const child = spawn('bash', ['scripts/vllm/start.sh', venv, model, String(port), ...options], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const file = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // The group is empty.
    }
  };
  process.once('exit', () => signal('SIGKILL'));
  const root = `http://127.0.0.1:${port}`;
  await untilHealthy(root, () => child.exitCode === null, log).catch((error: unknown) => {
    signal('SIGKILL');
    throw error;
  });
  return {
    ...askedAt(port),
    signal,
    signalEngine: (name) => signalEngineOf(child.pid ?? 0, name),
    [Symbol.asyncDispose]: async () => {
      signal('SIGKILL');
      while (await answers(root)) await sleep(100);
    },
  };
}

export function askedAt(port: number): Pick<VllmServer, 'root' | 'baseUrl' | 'metric'> {
  const root = `http://127.0.0.1:${port}`;
  return { root, baseUrl: `${root}/v1`, metric: (name) => metric(root, name) };
}

async function untilHealthy(root: string, isAlive: () => boolean, log: string): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if (await answers(root)) return;
    if (!isAlive()) throw new Error(`vllm ended: see ${log}`);
    await sleep(1000);
  }
  throw new Error(`vllm did not answer within ten minutes: see ${log}`);
}

async function answers(root: string): Promise<boolean> {
  return (await fetch(`${root}/health`).catch(() => null))?.ok === true;
}

async function metric(root: string, name: string): Promise<number> {
  const text = await (await fetch(`${root}/metrics`)).text();
  const values = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function signalEngineOf(group: number, name: NodeJS.Signals): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=']);
  for (const line of stdout.split('\n')) {
    const [pid, of] = line.trim().split(/\s+/).map(Number);
    if (pid !== undefined && of === group && pid !== group) process.kill(pid, name);
  }
}
