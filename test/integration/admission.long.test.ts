import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRun } from '../../src/run/open-run.js';
import { openModel } from '../../src/run/local/open-model.js';
import { scratchFolder } from '../doubles/task-folder.js';
import { baseImage, openTestEngine } from './engine.js';

const gibibyte = 2 ** 30;
const toml = `[environment]\ndocker_image = "${baseImage}"\ncpus = 1\nmemory_mb = 2048\n[agent]\ntimeout_sec = 120\n[verifier]\ntimeout_sec = 60\n`;
/** tail holds what it is to print: as much memory as that, most of what the task may have. */
const hungry = 'head -c 1500000000 /dev/zero | tail -c 1400000000 | wc -c > /srv/size\n';

/** Pages that the kernel has written to swap since it started. */
async function pagesSwapped(): Promise<number> {
  return Number(/^pswpout (\d+)$/m.exec(await readFile('/proc/vmstat', 'utf8'))?.[1] ?? NaN);
}

test('trials of 2 GB on a host of 4 are never two at once: nothing swaps, nothing is killed', async () => {
  await using scratch = await scratchFolder();
  const names = ['one', 'two', 'three'];
  for (const name of names)
    await scratch.write({
      [`set/${name}/task.toml`]: toml,
      [`set/${name}/instruction.md`]: 'Use memory.\n',
      [`set/${name}/environment/README`]: '',
      [`set/${name}/solution/solve.sh`]: hungry,
      [`set/${name}/tests/test.sh`]: 'grep -c 1400000000 /srv/size > /logs/verifier/reward.txt\n',
    });
  const engine = await openTestEngine();
  const small = { ...engine, info: { ...engine.info, cpus: 8, memoryBytes: 4 * gibibyte } };
  const resultsDir = join(scratch.dir, 'results');
  const before = await pagesSwapped();
  let [running, most] = [0, 0];
  await using run = await openRun(
    {
      datasets: [join(scratch.dir, 'set')],
      agent: { kind: 'oracle' },
      attempts: 1,
      concurrency: 'auto',
      trial: { pull: 'never' },
    },
    {
      ...{ env: process.env, engine: null, resultsDir, jobName: 'job' },
      ...{ signal: new AbortController().signal, tell: () => undefined },
    },
    { engine: () => Promise.resolve(small), model: openModel },
  );
  await run.start((event) => {
    if (event.kind === 'trial-start') running += 1;
    if (event.kind === 'trial-end') running -= 1;
    most = Math.max(most, running);
  });
  expect(most).toBe(1);
  expect(await pagesSwapped()).toBe(before);
  for (const name of names) {
    const text = await readFile(join(resultsDir, 'job', `${name}__1`, 'result.json'), 'utf8');
    const { tbench, verifier_result: verified } = JSON.parse(text) as {
      readonly tbench: { readonly vitals: { readonly oomKills: number; readonly memoryPeakBytes: number } };
      readonly verifier_result: unknown;
    };
    expect(verified).toEqual({ rewards: { reward: 1 } });
    expect(tbench.vitals.oomKills).toBe(0);
    expect(tbench.vitals.memoryPeakBytes).toBeGreaterThan(1.3 * gibibyte);
  }
}, 240_000);
