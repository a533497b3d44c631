import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { mountFlaw, mountFlawHint } from '../../sandbox/image/mounts/mount-flaw.js';
import type { SandboxSpec } from '../../sandbox/sandbox.js';
import type { OpenedEngine } from '../../sandbox/engine.js';
import { internalNamesFlaw } from '../../sandbox/network/internal-names.js';
import { openContainerEngine } from '../../sandbox/open-engine.js';
import type { Surroundings } from '../surroundings.js';
import { failedCheck, okCheck, type Check } from './check.js';
import { checkEngineDisk } from './free-space.js';

/** The base image every sample task starts from; any other image would do as well for the limits check. */
const testImage = 'docker.io/library/debian:bookworm-slim';
const testSource = {
  reference: testImage,
  buildContext: null,
  dockerfile: 'Dockerfile',
  buildTimeoutMs: 60_000,
};
const gibibyte = 2 ** 30;

/** The container engine: that it answers, has room and an image, and that a sandbox keeps its limits. */
export async function checkEngine({
  engine,
  env,
  signal,
}: Pick<Surroundings, 'engine' | 'env' | 'signal'>): Promise<Check[]> {
  try {
    await using found = await openContainerEngine({ engine: engine ?? undefined, env, signal });
    const image = await checkImage(found, signal);
    const checks = [describeEngine(found), ...(await checkEngineDisk(found.info)), image];
    return image.state === 'fail'
      ? checks
      : [
          ...checks,
          await checkSandbox(found, signal),
          await checkNetwork(found, signal),
          await checkBuilds(found),
          await checkPolicies(found),
        ];
  } catch (error) {
    signal.throwIfAborted();
    return [failedCheck('engine', error, 'Install podman, then run tbench doctor again.')];
  }
}

function describeEngine(engine: ContainerEngine): Check {
  const { name, version, socket, runtime, cgroupVersion, cpus, memoryBytes, rootless, ownService } =
    engine.info;
  const how = ownService ? 'started by tbench' : 'found';
  const size = `${cpus} cpus, ${(memoryBytes / gibibyte).toFixed(1)} GiB`;
  const kind = `${runtime}, cgroup ${cgroupVersion}${rootless ? ', rootless' : ''}`;
  const detail = `${name} ${version} at ${socket} (${how}; ${kind}; ${size})`;
  const flaw = mountFlaw(engine.info);
  if (flaw === null) return okCheck('engine', detail);
  const refused =
    flaw === 'mounts'
      ? 'Dockerfiles with RUN --mount from another stage or image are refused'
      : 'Dockerfiles with RUN --mount of a cache with a path are refused';
  return { name: 'engine', state: 'warn', detail: `${detail}; ${refused}`, mend: mountFlawHint };
}

/** The image that the sample tasks and the next check start from; fetched as a run would when it is not here. */
async function checkImage(engine: ContainerEngine, signal: AbortSignal): Promise<Check> {
  try {
    const image = await engine.ensureImage(testSource, { pull: 'missing', forceBuild: false, signal });
    return okCheck('images', `${testImage} is here (${image.id.slice(0, 19)})`);
  } catch (error) {
    signal.throwIfAborted();
    const mend = `No registry in reach? Load ${testImage} by hand (podman load), or build it with npm run setup.`;
    return { ...failedCheck('images', error, mend), mend };
  }
}

/** Starts one small sandbox and reports the limits that did not take, and how long it took. */
async function checkSandbox(engine: ContainerEngine, signal: AbortSignal): Promise<Check> {
  const name = 'sandbox';
  try {
    const { warnings, firstCommandMs } = await trySandbox(engine, 'none', signal);
    const took = `${Math.round(firstCommandMs)} ms from image to first command`;
    if (warnings.length === 0) return okCheck(name, `${took}; cpu, memory and process limits take`);
    return {
      name,
      state: 'warn',
      detail: `${took}; ${warnings.join('; ')}`,
      mend: 'Results may differ from machines where these limits take.',
    };
  } catch (error) {
    signal.throwIfAborted();
    return failedCheck(name, error, `Build or pull ${testImage}: npm run setup`);
  }
}

/** Starts one small sandbox with a network and reports whether this machine can be reached from it. */
async function checkNetwork(engine: ContainerEngine, signal: AbortSignal): Promise<Check> {
  const name = 'network';
  try {
    const { warnings } = await trySandbox(engine, 'public', signal);
    const open = warnings.find((warning) => warning.startsWith('network:'));
    if (open === undefined)
      return okCheck(name, "sandboxes with a network do not reach this machine's own addresses");
    const mend =
      'Agents can reach whatever listens there: let model servers listen on 127.0.0.1, or with an API key.';
    return { name, state: 'warn', detail: open, mend };
  } catch (error) {
    signal.throwIfAborted();
    return failedCheck(name, error, 'Most tasks need it: install netavark (or containernetworking-plugins).');
  }
}

/** Whether what a Dockerfile runs is held to what builds may do. */
async function checkBuilds(engine: Pick<OpenedEngine, 'buildGaps'>): Promise<Check> {
  const name = 'builds';
  const gaps = await engine.buildGaps();
  if (gaps.length === 0)
    return okCheck(name, "builds do not reach this machine's own addresses; their limits take");
  const mend =
    'Build Dockerfiles of strangers elsewhere, or let model servers listen on 127.0.0.1, or with an API key.';
  return { name, state: 'warn', detail: gaps.join('; '), mend };
}

/** Whether tasks with a network policy (an allowlist, a network for one phase) can be run. */
async function checkPolicies(engine: ContainerEngine): Promise<Check> {
  const name = 'policies';
  const [refusal, flaw] = [await engine.policyRefusal(), internalNamesFlaw(engine.info)];
  if (refusal === null && flaw === null)
    return okCheck(name, 'allowlists and networks of one phase can be kept');
  const detail =
    refusal === null
      ? `tasks with services and a network policy are refused: ${flaw ?? ''}`
      : `tasks with an allowlist, or with another network for agent or tests, are refused: ${refusal}`;
  return {
    name,
    state: 'warn',
    detail,
    mend:
      refusal === null
        ? 'Run Docker 26 or newer, or podman.'
        : 'They need an engine of this machine and user, nftables and iproute2.',
  };
}

/** Runs one command in a small sandbox. The warnings are the limits that did not take, in words. */
async function trySandbox(
  engine: ContainerEngine,
  network: SandboxSpec['network'],
  signal: AbortSignal,
): Promise<{ readonly warnings: readonly string[]; readonly firstCommandMs: number }> {
  const startedAt = performance.now();
  const image = await engine.ensureImage(testSource, { pull: 'never', forceBuild: false, signal });
  await using sandbox = await engine.createSandbox(
    {
      image,
      cpus: 1,
      memoryBytes: 256 * 2 ** 20,
      pidsLimit: 64,
      network,
      env: {},
      workdir: null,
      user: null,
      owner: { job: 'doctor', trial: 'doctor', task: 'doctor' },
    },
    signal,
  );
  const said = await sandbox.run('echo tbench', { timeoutMs: 10_000, signal });
  if (said.exitCode !== 0) throw new Error(`echo ended with ${said.exitCode}: ${said.output.head}`);
  return { warnings: sandbox.limits.warnings, firstCommandMs: performance.now() - startedAt };
}
