import Docker from 'dockerode';
import { loadTask } from '../src/dataset/load-task.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import { harborTask, scratchFolder } from '../test/doubles/task-folder.js';
import { environments } from './environments.js';
import { figure, type Figure } from './figure.js';
import { allRemoved, bareContainer, nopTrial, timeOf } from './nop-trial.js';
import { benchImage, socketPathOf } from './sandboxes.js';

const rounds = 15;
const toml = `schema_version = "1.1"\n[environment]\ndocker_image = "${benchImage}"\nallow_internet = false\n`;
/**
 * A whole nop trial (sandbox, baseline, a trivial test with every check, record on disk, removal) against what its
 * container alone costs: create, start and remove through the engine's API, alternating.
 */
export async function trial(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  await using folder = await scratchFolder();
  await folder.write(harborTask('bench', toml));
  const task = await loadTask(`${folder.dir}/bench`);
  const docker = new Docker({ socketPath: socketPathOf(engine) });
  const samples = {
    trial: [] as number[],
    harness: [] as number[],
    removed: [] as number[],
    container: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    samples.container.push(await timeOf(() => bareContainer(docker)));
    const startedAt = performance.now();
    const testsMs = await nopTrial(engine, task, { dir: folder.dir, round });
    samples.trial.push(performance.now() - startedAt);
    samples.harness.push(performance.now() - startedAt - testsMs);
    await allRemoved(docker);
    samples.removed.push(performance.now() - startedAt);
  }
  const own = samples.trial.map((ms, index) => ms - (samples.container[index] ?? 0));
  return [
    figure('nop trial', 'ms', samples.trial, { 'create + start + remove': samples.container }),
    figure('nop trial without the time of its tests', 'ms', samples.harness, {
      'create + start + remove': samples.container,
    }),
    figure('nop trial until its container is gone', 'ms', samples.removed, {
      'create + start + remove': samples.container,
    }),
    figure('nop trial, beyond its container', 'ms', own, { 'create + start + remove': samples.container }),
    ...(await environments(engine, docker)),
  ];
}
