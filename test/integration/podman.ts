import { readFile } from 'node:fs/promises';
import { baseImage } from './engine.js';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The podman command line, for tests that meddle from outside. Returns trimmed stdout. */
export async function podman(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('podman', args, { maxBuffer: 2 ** 26 });
  return stdout.trim();
}

/** A container that podman alone makes. Under some hosts its usual limits cannot be set. */
export async function startUnguarded(network: string): Promise<string> {
  const limit =
    (await readFile('/proc/self/limits', 'utf8')).match(/^Max open files +\S+ +(\d+)/m)?.[1] ?? '1024';
  const ulimits = ['--ulimit', `nofile=${limit}:${limit}`, '--ulimit', 'nproc=32768:32768'];
  return podman('run', '-d', ...ulimits, '--network', network, baseImage, 'sleep', '300');
}
