import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import type { ContainerEngine } from '../src/sandbox/container-engine.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import type { Sandbox } from '../src/sandbox/sandbox.js';
import { figure, type Figure } from './figure.js';
import {
  benchSpec,
  ensureBenchImage,
  openMany,
  podmanEnvironment,
  settledMemoryBytes,
  socketPathOf,
} from './sandboxes.js';

const run = promisify(execFile);
const commands = 400;
const apiExecs = 20;
const cliExecs = 10;
const crowds = [1, 8, 32, 64];
const crowdCommands = 320;
const limit = { timeoutMs: 60_000 };

/**
 * What a command costs: through tbench's shell, through one dockerode exec a command, through `podman exec` (as
 * mini-swe-agent calls it, and against the service; and `docker exec` where there is one), alternating on the same container; then many sandboxes at once, and an output of
 * 1 GB in one line.
 */
export async function shell(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  return [...(await oneCommand(engine)), ...(await manySandboxes(engine)), ...(await hugeLine(engine))];
}

async function oneCommand(engine: ContainerEngine): Promise<readonly Figure[]> {
  const image = await ensureBenchImage(engine);
  await using sandbox = await engine.createSandbox(benchSpec(image, 'shell'));
  const socketPath = socketPathOf(engine);
  const container = new Docker({ socketPath }).getContainer(sandbox.id);
  const podmanArgs = ['exec', sandbox.id, 'bash', '-c', 'true'];
  const remoteArgs = ['--url', `unix://${socketPath}`, ...podmanArgs];
  const env = podmanEnvironment(engine);
  const hasDocker = spawnSync('docker', ['--version']).status === 0;
  const docker = hasDocker ? ['-H', `unix://${socketPath}`, 'exec', sandbox.id, 'bash', '-c', 'true'] : null;
  const samples = {
    ours: [] as number[],
    api: [] as number[],
    podman: [] as number[],
    remote: [] as number[],
    docker: [] as number[],
  };
  const paced: number[] = [];
  const forks = await forksInside(sandbox);
  await repeat(20, [], () => sandbox.run('true', limit));
  for (let round = 0; round < cliExecs; round += 1) {
    await repeat(commands / cliExecs, samples.ours, () => sandbox.run('true', limit));
    await repeat(apiExecs / cliExecs, samples.api, () => dockerodeExec(container));
    await repeat(1, samples.podman, () => run('podman', podmanArgs, { env }));
    await repeat(1, samples.remote, () => run('podman', remoteArgs));
    if (docker !== null) await repeat(1, samples.docker, () => run('docker', docker));
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await repeat(1, paced, () => sandbox.run('true', limit));
    }
  }
  const peers = {
    'one dockerode exec a command': samples.api,
    'podman exec': samples.podman,
    'podman exec through the service': samples.remote,
    ...(docker === null ? {} : { 'docker exec': samples.docker }),
  };
  return [
    figure('command, one after the other', 'ms', samples.ours, {
      ...peers,
      '`bash -c true` inside the container': forks,
    }),
    figure('command after a pause, as an agent sends it', 'ms', paced, peers),
  ];
}

/** What the container itself takes for starting a shell, without us: ms each. */
async function forksInside(sandbox: Sandbox): Promise<readonly number[]> {
  const loop = 'i=0; while [ $i -lt 100 ]; do bash -c true; i=$((i+1)); done';
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) samples.push((await sandbox.run(loop, limit)).durationMs / 100);
  return samples;
}

async function dockerodeExec(container: Docker.Container): Promise<void> {
  const exec = await container.exec({ Cmd: ['bash', '-c', 'true'], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  await new Promise((resolve) => stream.on('end', resolve).on('close', resolve).resume());
  await exec.inspect();
}

async function repeat(times: number, samples: number[], work: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    const startedAt = performance.now();
    await work();
    samples.push(performance.now() - startedAt);
  }
}

async function manySandboxes(engine: ContainerEngine): Promise<readonly Figure[]> {
  const image = await ensureBenchImage(engine);
  const figures: Figure[] = [];
  for (const size of crowds) {
    const before = settledMemoryBytes();
    await using crowd = await openMany(
      engine,
      Array.from({ length: size }, (_, index) => benchSpec(image, `crowd-${index}`)),
    );
    await Promise.all(crowd.all.map((sandbox) => sandbox.run('true', limit)));
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await Promise.all(
      crowd.all.map((sandbox) => repeat(crowdCommands / size, [], () => sandbox.run('true', limit))),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const spent = process.cpuUsage(cpu);
    const memoryMib = Math.max(0, settledMemoryBytes() - before) / size / 2 ** 20;
    const inside = await forksAtOnce(crowd.all);
    const cpuMs = (spent.user + spent.system) / 1000 / crowdCommands;
    figures.push(
      figure(`${size} at once: commands`, 'per second', [crowdCommands / seconds], {
        '`bash -c true` inside the containers': [inside],
      }),
      figure(`${size} at once: host CPU of a command`, 'ms', [cpuMs]),
      figure(`${size} at once: host memory of a sandbox`, 'MiB', [memoryMib]),
    );
  }
  return figures;
}

/** Shells started per second when every container starts them as fast as it can. */
async function forksAtOnce(sandboxes: readonly Sandbox[]): Promise<number> {
  const each = Math.ceil(crowdCommands / sandboxes.length);
  const startedAt = performance.now();
  await Promise.all(
    sandboxes.map((sandbox) =>
      sandbox.run(`i=0; while [ $i -lt ${each} ]; do bash -c true; i=$((i+1)); done`, limit),
    ),
  );
  return (each * sandboxes.length) / ((performance.now() - startedAt) / 1000);
}

async function hugeLine(engine: ContainerEngine): Promise<readonly Figure[]> {
  const image = await ensureBenchImage(engine);
  await using sandbox = await engine.createSandbox(benchSpec(image, 'line'));
  const flood = (bytes: number): Promise<unknown> =>
    sandbox.run(`head -c ${bytes} /dev/zero | tr '\\0' x`, { timeoutMs: 120_000 });
  await flood(60_000_000);
  const before = settledMemoryBytes();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const startedAt = performance.now();
  await flood(1_000_000_000);
  clearInterval(watch);
  const seconds = (performance.now() - startedAt) / 1000;
  return [
    figure('a line of 1 GB: throughput', 'MB/s', [1000 / seconds]),
    figure('a line of 1 GB: growth of the host process', 'MiB', [
      Math.max(0, settledMemoryBytes() - before) / 2 ** 20,
    ]),
    figure('a line of 1 GB: growth of the host process at its peak', 'MiB', [
      Math.max(0, peak - before) / 2 ** 20,
    ]),
  ];
}
