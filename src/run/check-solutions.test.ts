import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CountingEngine, openJobBench } from '../../test/doubles/trial-tools.js';
import { TaskError } from '../base/errors.js';
import { loadDataset } from '../dataset/load-dataset.js';
import type { JobEvent } from '../record/event.js';
import { checkSolutions } from './check-solutions.js';

/** An engine that cannot make any task's image, whatever is tried. */
class ImagelessEngine extends CountingEngine {
  override ensureImage(): Promise<never> {
    return Promise.reject(new TaskError('there is no such image'));
  }
}

test('a task without a solution runs nothing only; what gives no verdict is an error with its cause', async () => {
  await using bench = await openJobBench(2);
  await mkdir(join(bench.dir, 'tasks', 'task-1', 'solution'));
  await writeFile(join(bench.dir, 'tasks', 'task-1', 'solution', 'solve.sh'), 'true\n');
  const places = {
    cacheDir: join(bench.dir, 'c'),
    shippedDir: join(bench.dir, 's'),
    mirror: null,
    hostEnv: {},
  };
  const dataset = await loadDataset(join(bench.dir, 'tasks'), { ...places, pull: 'never' });
  const events: JobEvent[] = [];
  const resultsDir = join(bench.dir, 'results');
  const findings = await checkSolutions({
    dataset,
    engine: new ImagelessEngine(),
    concurrency: 1,
    trial: { pull: 'never', forceBuild: false, passedVariables: [] },
    surroundings: { env: {}, resultsDir, signal: new AbortController().signal, tell: () => undefined },
    emit: (event) => events.push(event),
  });
  expect(findings).toEqual([
    {
      task: 'task-1',
      level: 'error',
      text: expect.stringMatching(/^the solution got no verdict: .*no such image/) as string,
    },
    { task: 'task-1', level: 'error', text: expect.stringMatching(/^the nop run got no verdict/) as string },
    { task: 'task-2', level: 'error', text: expect.stringMatching(/^the nop run got no verdict/) as string },
    {
      task: '',
      level: 'note',
      text: expect.stringContaining(
        '0 of 1 solutions earn 1; doing nothing earns 0 on 0 of 2 tasks; 1 ship no solution',
      ) as string,
    },
  ]);
  expect((await readdir(resultsDir)).map((name) => name.split('__check-')[1])).toEqual(['nop', 'oracle']);
  expect(events.filter(({ kind }) => kind === 'trial-end')).toHaveLength(3);
});
