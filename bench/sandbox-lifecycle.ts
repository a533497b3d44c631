import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { ContainerEngine, Image } from '../src/sandbox/container-engine.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import type { SandboxSpec } from '../src/sandbox/sandbox.js';
import { figure, type Figure } from './figure.js';
import { benchImage, benchSpec, ensureBenchImage, openMany, socketPathOf } from './sandboxes.js';

const rounds = 15;
const crowds = [1, 8, 32, 64];
const run = promisify(execFile);

/**
 * A sandbox's life against the same steps by hand with podman, alternating on the same machine: create to first
 * command against `podman run -d` (which runs no command yet), remove against `podman rm -f -t 0`; then 1, 8, 32 and 64
 * created at once.
 */
export async function sandboxLifecycle(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  const image = await ensureBenchImage(engine);
  const figures = [...(await lifeAgainstPodman(engine, image))];
  for (const size of crowds) figures.push(...(await crowd(engine, image, size)));
  return figures;
}

async function lifeAgainstPodman(engine: ContainerEngine, image: Image): Promise<readonly Figure[]> {
  const podman = `unix://${socketPathOf(engine)}`;
  const ours = { create: [] as number[], dispose: [] as number[] };
  const theirs = { run: [] as number[], remove: [] as number[], first: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    await timed(ours.create, ours.dispose, async (measure) => {
      const sandbox = await engine.createSandbox(spec(image, `life-${round}`));
      await sandbox.run('true', { timeoutMs: 60_000 });
      measure();
      return () => Promise.resolve(sandbox[Symbol.asyncDispose]());
    });
    const name = `tbench-bench-${randomUUID().slice(0, 8)}`;
    const flags = [
      '--network',
      'none',
      '--cpus',
      '1',
      '--memory',
      '256m',
      '--pids-limit',
      '256',
      '--log-driver',
      'none',
    ];
    await timed(theirs.run, theirs.remove, async (measure) => {
      await run('podman', [
        '--url',
        podman,
        'run',
        '-d',
        '--name',
        name,
        ...flags,
        benchImage,
        'sleep',
        'infinity',
      ]);
      measure();
      const startedAt = performance.now();
      await run('podman', ['--url', podman, 'exec', name, 'true']);
      theirs.first.push(performance.now() - startedAt);
      return () => run('podman', ['--url', podman, 'rm', '-f', '-t', '0', name]);
    });
  }
  const upToFirst = theirs.run.map((ms, index) => ms + (theirs.first[index] ?? 0));
  return [
    figure('sandbox create to first command', 'ms', ours.create, {
      'podman run -d': theirs.run,
      'podman run -d + podman exec': upToFirst,
    }),
    figure('sandbox remove, as the trial waits for it', 'ms', ours.dispose, {
      'podman rm -f': theirs.remove,
    }),
    figure('podman run -d', 'ms', theirs.run),
    figure('podman rm -f -t 0', 'ms', theirs.remove),
  ];
}

/** Times a creation up to `measure` and the removal that it returns. */
async function timed(
  creations: number[],
  removals: number[],
  create: (measure: () => void) => Promise<() => Promise<unknown>>,
): Promise<void> {
  const startedAt = performance.now();
  const remove = await create(() => creations.push(performance.now() - startedAt));
  const removingAt = performance.now();
  await remove();
  removals.push(performance.now() - removingAt);
  // A removal behind our back must not slow the peer's next creation down.
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** The shell group measures what such a crowd then does. */
async function crowd(engine: ContainerEngine, image: Image, size: number): Promise<readonly Figure[]> {
  const createdAt = performance.now();
  await using _opened = await openMany(
    engine,
    Array.from({ length: size }, (_, index) => spec(image, `crowd-${index}`)),
  );
  const createMs = performance.now() - createdAt;
  return [figure(`${size} sandboxes at once: create all`, 'ms a sandbox', [createMs / size])];
}

function spec(image: Image, name: string): SandboxSpec {
  return benchSpec(image, name, { cpus: 1 });
}
