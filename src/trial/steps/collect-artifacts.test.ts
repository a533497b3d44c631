import { readdir, readFile } from 'node:fs/promises';
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

const conventional = { source: '/logs/artifacts', destination: 'artifacts/logs/artifacts' };

describe('collectArtifacts', () => {
  it('keeps each artifact at the path it had, or where it is to go, and writes down what is missing', async () => {
    const sandbox = new MemorySandbox({
      files: { '/out.txt': 'out', '/data/a/b': 'b', '/data/a/b.tmp': '-', '/logs/artifacts/c': 'c' },
    });
    const wanted = [
      { source: 'out.txt' },
      { source: '/data/', destination: 'kept', exclude: ['*.tmp'] },
      { source: '/nowhere/' },
      { source: '/data/a', destination: 'kept/a' },
    ];
    await using bench = await openTrialBench({ sandbox, task: asking(wanted) });
    const { warnings } = await collectArtifacts(bench.left, signal);
    const { artifactsDir } = bench.trial.store.paths;
    expect(await readFile(join(artifactsDir, 'out.txt'), 'utf8')).toBe('out');
    expect(await readdir(join(artifactsDir, 'kept', 'a'))).toEqual(['b']);
    expect(await readFile(join(artifactsDir, 'logs', 'artifacts', 'c'), 'utf8')).toBe('c');
    expect(await manifestOf(artifactsDir)).toMatchObject([
      { ...conventional, status: 'ok' },
      { source: 'out.txt', destination: 'artifacts/out.txt', type: 'file', status: 'ok' },
      {
        source: '/data/',
        destination: 'artifacts/kept',
        type: 'directory',
        status: 'ok',
        exclude: ['*.tmp'],
      },
      { source: '/nowhere/', type: 'file', status: 'failed' },
      { source: '/data/a', status: 'skipped' },
    ]);
    expect(warnings).toEqual(['artifact /data/a skipped: another artifact is kept at this place']);
  });

  it('runs every hook first, also after one that failed, and tells of it', async () => {
    const sandbox = new MemorySandbox({ script: () => ({ output: '', exitCode: 1 }) });
    await using bench = await openTrialBench({ sandbox, task: asking([], 2) });
    const { warnings } = await collectArtifacts(bench.left, signal);
    expect(sandbox.commands).toHaveLength(2);
    expect(sandbox.commands[0]).toContain('echo collecting');
    expect(warnings[1]).toBe('collect hook in main exited with 1: echo collecting');
  });

  it('keeps nothing of an artifact that is too large, and names the limit', async () => {
    const sandbox = new MemorySandbox({ files: { '/big': 'x'.repeat(5_000), '/small': 'x' } });
    const small = (task: Task): Task => ({
      ...asking([{ source: '/big' }, { source: '/small' }])(task),
      environment: { ...task.environment, storageBytes: 4_000 },
    });
    await using bench = await openTrialBench({ sandbox, task: small });
    await collectArtifacts(bench.left, signal);
    const { artifactsDir } = bench.trial.store.paths;
    expect(await readdir(artifactsDir)).toEqual(['manifest.json', 'small']);
    expect(await manifestOf(artifactsDir)).toMatchObject([
      {},
      { status: 'failed', detail: "not kept: larger than 4000 bytes (the task's storage_mb)" },
      { status: 'ok' },
    ]);
  });

  it('never fails the trial for an artifact, but ends when the trial is cancelled', async () => {
    const sandbox = new MemorySandbox({ files: { '/a': 'a' } });
    sandbox.download = () => Promise.reject(new Error('the archive is broken'));
    await using bench = await openTrialBench({ sandbox, task: asking([{ source: '/a' }]) });
    await collectArtifacts(bench.left, signal);
    expect(await manifestOf(bench.trial.store.paths.artifactsDir)).toMatchObject([
      { ...conventional, status: 'failed' },
      { status: 'failed', detail: 'the archive is broken' },
    ]);
    await expect(collectArtifacts(bench.left, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});
