import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

import { loadDataset } from '../../src/dataset/load-dataset.js';
import type { Dataset } from '../../src/dataset/task.js';
import { loadScripts } from '../../src/model/replay/script-recording.js';

const shippedDir = fileURLToPath(new URL('../../tasks', import.meta.url));
const turnsDir = fileURLToPath(new URL('../fixtures/sample-turns', import.meta.url));

describe('the sample tasks', () => {
  let sample: Dataset;
  beforeAll(async () => {
    sample = await loadDataset('sample', {
      shippedDir,
      cacheDir: shippedDir,
      mirror: null,
      hostEnv: {},
      pull: 'never',
    });
  });

  it('load without a warning and can all be run', () => {
    expect(sample.broken).toEqual([]);
    expect(sample.tasks.length).toBeGreaterThanOrEqual(10);
    expect(sample.tasks.flatMap((task) => [...task.warnings, ...task.refusals])).toEqual([]);
  });

  it('all ship a reference solution, a difficulty, a category and tags', () => {
    for (const task of sample.tasks) {
      expect(task.solution.dir, task.name).not.toBeNull();
      expect(task.difficulty, task.name).toMatch(/^(easy|medium|hard)$/);
      expect(task.category, task.name).not.toBeNull();
      expect(task.metadata['tags'], task.name).not.toEqual([]);
    }
  });

  it('share their first layers, so that one build of the tools serves all of them', async () => {
    const heads = await Promise.all(
      sample.tasks.map(async (task) => {
        const lines = (await readFile(join(task.dir, 'environment', 'Dockerfile'), 'utf8')).split('\n');
        return lines.slice(0, 2).join('\n');
      }),
    );
    expect(new Set(heads).size).toBe(1);
    expect(heads[0]).toMatch(/^FROM docker\.io\/library\/debian:bookworm-slim\nRUN apt-get update/);
  });

  it('report with the same runner', async () => {
    const runners = sample.tasks.map((task) =>
      readFile(join(task.verifier.testsDirs[0] ?? '', 'ctrf_runner.py'), 'utf8'),
    );
    expect(new Set(await Promise.all(runners)).size).toBe(1);
  });

  it('include one with an agent timeout of 20 seconds', () => {
    expect(sample.tasks.filter((task) => task.agent.timeoutMs === 20_000)).toHaveLength(1);
  });

  it('each have three scripted attempts for the demo', async () => {
    const { kind, tasks } = await loadScripts(turnsDir);
    expect(kind).toBe('scripted');
    expect([...tasks.keys()].sort()).toEqual(sample.tasks.map((task) => task.name).sort());
    expect([...tasks.values()].map((task) => task.attempts.size)).toEqual(sample.tasks.map(() => 3));
  });
});
