import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeadlineReached, onAbort, openDeadline } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import type { Sandbox } from '../../sandbox/sandbox.js';

/** Of one folder that is brought over. */
const maxBytes = 8 * 2 ** 30;
const carryLimitMs = 300_000;
/** The copy's folder has what its image has there, which the first sandbox may have removed. */
const refill = 'cd "$1" && rm -rf -- ./* ./.[!.]* ./..?* && exec tar -xpf -';
const compared = { maxEntries: 20_000, maxFileBytes: 256 * 2 ** 20, maxTotalBytes: 512 * 2 ** 20 };

/** Files that the engine lays over the sandbox's own, each with the sandbox's generated name in it. */
const engineFiles = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];
const maxEngineFileBytes = 2 ** 20;

/** A line that names a container by the start of its id, as engines name hosts. */
const namesContainer = /\b[0-9a-f]{12}\b/;

/**
 * Brings what a snapshot of `from` lacks into its copy `to`: volumes and memory file systems, as the tar of the two finds
 * them. Best effort: `placesNotCarried` tells what did not come along.
 */
export async function carryMounts(from: Sandbox, to: Sandbox, signal: AbortSignal): Promise<void> {
  for (const path of from.mounts) {
    using limit = openDeadline(carryLimitMs, signal);
    try {
      await carryFolder(from, to, path, limit.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SandboxError || error instanceof DeadlineReached)) throw error;
    }
  }
}

async function carryFolder(from: Sandbox, to: Sandbox, path: string, signal: AbortSignal): Promise<void> {
  const source = await from.open(['tar', '-C', path, '-cf', '-', '.'], signal);
  try {
    const target = await to.open(['/bin/sh', '-c', refill, 'sh', path], signal);
    try {
      for (const unread of [source.stderr, target.stdout, target.stderr]) unread.resume();
      source.stdin.end();
      using _abort = onAbort(signal, () => target.close());
      // A tar that has read its last block does not wait for the end of its input.
      await pipeline(source.stdout, atMost(maxBytes), target.stdin).catch(() => target.close());
      await target.closed;
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

/** The places outside the snapshot where the two differ now: what the agent put there did not come along. */
export async function placesNotCarried(
  from: Sandbox,
  to: Sandbox,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folders = [...new Set([...from.mounts, '/dev'])];
  const differing: string[] = [];
  for (const path of folders) {
    const [one, other] = [await contentOf(from, path, signal), await contentOf(to, path, signal)];
    if (one === null || one !== other) differing.push(path);
  }
  for (const path of engineFiles) {
    if ((await linesOf(from, path, signal)) !== (await linesOf(to, path, signal))) differing.push(path);
  }
  return differing;
}

/** A text that is the same for the same content; null when there is more than is compared. */
async function contentOf(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<string | null> {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-beside-'));
  try {
    const report = await sandbox.download(path, join(dir, 'content'), compared, signal);
    if (report?.exceeded != null) return null;
    const entries = [
      ...(report?.files ?? []).map((file) => `${file.path} ${file.sizeBytes} ${file.sha256}`),
      ...(report?.refused ?? []).map((entry) => `${entry.path} ${entry.reason}`),
    ];
    return JSON.stringify(entries.sort());
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function linesOf(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<string> {
  const text = (await sandbox.readFile(path, maxEngineFileBytes, signal))?.toString('latin1') ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '' && !namesContainer.test(line))
    .join('\n');
}

/** Passes bytes on until there are too many: a file of holes is as long as its owner says. */
function atMost(limit: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      done(passed <= limit ? null : new Error(`more than ${limit} bytes`), chunk);
    },
  });
}
