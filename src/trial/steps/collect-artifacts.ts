import { join } from 'node:path';
import type { TaskArtifact } from '../../dataset/task.js';
import { writeJson } from '../../results/write-file.js';
import { bash } from '../../sandbox/bash.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { artifactLogs } from '../../verifier/log-folders.js';
import type { Left } from '../trial-state.js';

interface ManifestEntry {
  readonly source: string;
  readonly destination: string;
  readonly type: 'directory' | 'file';
  readonly status: 'ok' | 'failed' | 'empty';
  readonly detail?: string;
}

/** Collected whenever it is there, as Harbor does. */
const conventional: TaskArtifact = {
  source: artifactLogs,
  destination: 'logs',
  service: null,
  exclude: [],
};

const limits = { maxEntries: 2_000, maxFileBytes: 16 * 2 ** 20, maxTotalBytes: 64 * 2 ** 20 };

/**
 * Runs the task's collect hooks and reads back what it asks to keep. Best effort by contract: a missing or
 * refused artifact is written down in artifacts/manifest.json and never fails the trial.
 */
export async function collectArtifacts<S extends Left>(state: S, signal: AbortSignal): Promise<S> {
  const { trial, environment } = state;
  const { task } = trial.spec;
  const sandbox = environment.main;
  const options = { dir: trial.store.paths.artifactsDir, signal };
  for (const hook of task.verifier.collect) {
    await sandbox.exec(bash(hook.command), {
      timeoutMs: hook.timeoutMs,
      signal: options.signal,
      ...(hook.user === null ? {} : { user: hook.user }),
    });
  }
  const kept = (await sandbox.stat(conventional.source, options.signal)) !== null;
  const wanted = kept ? [...task.artifacts, conventional] : task.artifacts;
  if (wanted.length === 0) return state;
  const entries: ManifestEntry[] = [];
  for (const [index, artifact] of wanted.entries()) {
    entries.push(
      await collect(sandbox, artifact, { ...options, folder: artifact.destination ?? String(index) }),
    );
  }
  await writeJson(join(options.dir, 'manifest.json'), entries);
  return state;
}

async function collect(
  sandbox: Sandbox,
  artifact: TaskArtifact,
  { dir, folder, signal }: { dir: string; folder: string; signal: AbortSignal },
): Promise<ManifestEntry> {
  const entry = { source: artifact.source, destination: `artifacts/${folder}` };
  const source = artifact.source.startsWith('/') ? artifact.source : join(sandbox.workdir, artifact.source);
  try {
    const kind = (await sandbox.stat(source, signal))?.kind === 'directory' ? 'directory' : 'file';
    const report = await sandbox.download(source, join(dir, folder), limits, signal);
    const status = report === null || report.files.length === 0 ? 'empty' : 'ok';
    return { ...entry, type: kind, status };
  } catch (error) {
    signal.throwIfAborted();
    return {
      ...entry,
      type: 'file',
      status: 'failed',
      detail: error instanceof Error ? error.message : String(error),
    };
  }
}
