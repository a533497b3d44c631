import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { openTrialBench } from '../../../test/doubles/trial-bench.js';
import type { Task, TaskArtifact } from '../../dataset/task.js';
import { collectArtifacts } from './collect-artifacts.js';

const { signal } = new AbortController();
const hook = { command: 'echo collecting', service: 'main', timeoutMs: 1_000, user: null };

function asking(artifacts: readonly Partial<TaskArtifact>[], hooks = 0): (task: Task) => Task {
  return (task) => ({
    ...task,
    artifacts: artifacts.map((one) => ({
      source: '',
      destination: null,
      service: null,
      exclude: [],
      ...one,
    })),
    verifier: { ...task.verifier, collect: Array.from({ length: hooks }, () => hook) },
  });
}

async function manifestOf(dir: string): Promise<unknown> {
  return JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'));
}

describe('collectArtifacts', () => {
  it('keeps a file, a folder, and what lies in /logs/artifacts, and writes down what is missing', async () => {
    const sandbox = new MemorySandbox({
      workdir: '/app',
      files: { '/app/out.txt': 'out', '/data/a/b': 'b', '/logs/artifacts/c': 'c' },
    });
    const wanted = [{ source: 'out.txt' }, { source: '/data', destination: 'kept' }, { source: '/nowhere' }];
    await using bench = await openTrialBench({ sandbox, task: asking(wanted) });
    await collectArtifacts(bench.left, signal);
    const { artifactsDir } = bench.trial.store.paths;
    expect(await readFile(join(artifactsDir, '0', 'out.txt'), 'utf8')).toBe('out');
    expect(await readFile(join(artifactsDir, 'kept', 'a', 'b'), 'utf8')).toBe('b');
    expect(await readFile(join(artifactsDir, 'logs', 'c'), 'utf8')).toBe('c');
    expect(await manifestOf(artifactsDir)).toMatchObject([
      { source: 'out.txt', destination: 'artifacts/0', type: 'file', status: 'ok' },
      { source: '/data', destination: 'artifacts/kept', type: 'directory', status: 'ok' },
      { source: '/nowhere', status: 'empty' },
      { source: '/logs/artifacts', status: 'ok' },
    ]);
  });

  it('runs every hook first, also after one that failed', async () => {
    const sandbox = new MemorySandbox({ script: () => ({ output: '', exitCode: 1 }) });
    await using bench = await openTrialBench({ sandbox, task: asking([], 2) });
    await collectArtifacts(bench.left, signal);
    expect(sandbox.commands).toHaveLength(2);
    expect(sandbox.commands[0]).toContain('echo collecting');
  });

  it('leaves no folder behind where there is nothing to keep', async () => {
    await using bench = await openTrialBench();
    await collectArtifacts(bench.left, signal);
    await expect(stat(join(bench.trial.store.paths.artifactsDir, 'manifest.json'))).rejects.toThrow();
  });

  it('never fails the trial for an artifact, but ends when the trial is cancelled', async () => {
    const sandbox = new MemorySandbox({ files: { '/a': 'a' } });
    sandbox.download = () => Promise.reject(new Error('the archive is broken'));
    await using bench = await openTrialBench({ sandbox, task: asking([{ source: '/a' }]) });
    await collectArtifacts(bench.left, signal);
    expect(await manifestOf(bench.trial.store.paths.artifactsDir)).toMatchObject([
      { status: 'failed', detail: 'the archive is broken' },
    ]);
    await expect(collectArtifacts(bench.left, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});
