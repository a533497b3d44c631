import type Docker from 'dockerode';
import { loadTask } from '../src/dataset/load-task.js';
import { readProject } from '../src/dataset/formats/compose/read-project.js';
import type { ContainerEngine } from '../src/sandbox/container-engine.js';
import { harborTask, scratchFolder } from '../test/doubles/task-folder.js';
import { figure, type Figure } from './figure.js';
import { allRemoved, bareContainer, nopTrial, timeOf } from './nop-trial.js';
import { benchImage, benchSpec, ensureBenchImage } from './sandboxes.js';

const rounds = 15;
const separate = `[environment]\ndocker_image = "${benchImage}"\nallow_internet = false\n[verifier]\nenvironment_mode = "separate"\n`;
/** What its slowest service takes until it is healthy. */
const slowSeconds = 1;
const ready = ['test', '-e', '/tmp/ready'];
const slow = ['sh', '-c', `sleep ${slowSeconds}; touch /tmp/ready; exec sleep infinity`];
const compose = `
services:
  main: { depends_on: { slow: { condition: service_healthy }, quick: { condition: service_started } } }
  quick: { image: "${benchImage}", command: sleep infinity }
  slow:
    image: "${benchImage}"
    command: ${JSON.stringify(slow)}
    healthcheck: { test: ${JSON.stringify(['CMD', ...ready])}, interval: 1s }
`;

/** Trials with a verifier of its own against two container lives, and the start of three services against that of the slowest. */
export async function environments(engine: ContainerEngine, docker: Docker): Promise<readonly Figure[]> {
  return [await separateTrial(engine, docker), await threeServices(engine, docker)];
}

async function separateTrial(engine: ContainerEngine, docker: Docker): Promise<Figure> {
  await using folder = await scratchFolder();
  await folder.write(harborTask('apart', separate));
  const task = await loadTask(`${folder.dir}/apart`);
  const [trials, lives]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    lives.push(
      await timeOf(async () => {
        await bareContainer(docker);
        await bareContainer(docker);
      }),
    );
    trials.push(await timeOf(() => nopTrial(engine, task, { dir: folder.dir, round })));
    await allRemoved(docker);
  }
  return figure('nop trial with a separate verifier', 'ms', trials, { 'two container lives': lives });
}

async function threeServices(engine: ContainerEngine, docker: Docker): Promise<Figure> {
  const image = await ensureBenchImage(engine);
  const source = { file: '/bench/docker-compose.yaml', taskDir: '/bench', text: compose };
  const { project } = await readProject(source, {});
  const [main, ...others] = project.services;
  if (main === undefined) throw new Error('a project has a main service');
  const sidecars = others.map((spec) => ({ spec, image }));
  const [starts, slowest]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    slowest.push(await timeOf(() => startSlow(docker)));
    const { owner, network: _network, ...member } = benchSpec(image, `services__${round + 1}`);
    const startedAt = performance.now();
    const environment = await engine.createEnvironment({
      ...{ network: 'public', owner, main: member },
      project: { main, sidecars, networks: project.networks, volumes: project.volumes },
    });
    starts.push(performance.now() - startedAt);
    await environment.end();
    await allRemoved(docker);
  }
  return figure('start of three services', 'ms', starts, {
    'its slowest service until it is healthy': slowest,
  });
}

/** The slowest service by itself: created, started, its test run until it passes. */
async function startSlow(docker: Docker): Promise<void> {
  const labels = { 'tbench.job': 'bench' };
  const container = await docker.createContainer({ Image: benchImage, Cmd: slow, Labels: labels });
  await container.start();
  for (;;) {
    const exec = await container.exec({ Cmd: ready, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true });
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
    if ((await exec.inspect()).ExitCode === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await container.remove({ force: true });
}
