import { resolve } from 'node:path';
import type { ComposeService } from '../../dataset/compose.js';
import { resolveEnv } from '../../dataset/resolve-env.js';
import type { TaskEnvironment } from '../../dataset/task.js';
import { needsGate } from '../../dataset/network/network-phases.js';
import { TaskError } from '../../base/errors.js';
import type { NetworkPolicy } from '../../record/network-policy.js';
import { passesRules } from '../../record/service-spec.js';
import type { EnvironmentSpec } from '../../sandbox/environment.js';
import type { ProjectSpec } from '../../sandbox/services/project-spec.js';
import type { Trial } from '../trial.js';
import type { EnvironmentImages } from './environment-images.js';
import { pidsLimit } from '../../sandbox/pids-limit.js';

/** An environment as a task describes it: the agent's, or a separate verifier's. */
export async function environmentSpec(
  { spec, settings, store, continuation, engine, emit }: Trial,
  environment: TaskEnvironment,
  options: {
    readonly images: EnvironmentImages;
    /** Who acts in main; null is the image's own user, or compose's. */
    readonly user: string | null;
    /** Every policy that is to hold in it at some time, the first one first. */
    readonly policies: readonly NetworkPolicy[];
  },
): Promise<EnvironmentSpec> {
  const { images, policies } = options;
  const main = images.project?.services.find(({ name }) => name === 'main') ?? null;
  const project = projectSpec(images, main);
  refuseFree(images.project?.services ?? [], policies);
  return {
    ...(await networkSpec(policies, engine)),
    blockPrivate: settings.blockPrivate,
    owner: {
      job: spec.job.name,
      trial: spec.name,
      task: spec.task.name,
      keep: settings.keepSandboxes,
      ...(continuation === undefined ? {} : { claim: resolve(store.paths.claim) }),
    },
    main: {
      image: images.main,
      cpus: main?.cpus ?? environment.cpus,
      memoryBytes: main?.memoryBytes ?? environment.memoryBytes,
      pidsLimit: main?.pids ?? pidsLimit,
      env: { ...main?.env, ...resolveEnv(environment.env, settings.hostEnv) },
      workdir: environment.workdir ?? main?.workdir ?? null,
      user: options.user ?? main?.user ?? null,
      outputLimits: settings.outputLimits,
      shellEnv: settings.shellEnv,
    },
    ...(project === null ? {} : { project }),
    onProgress: (text) => emit({ kind: 'trial-detail', trial: spec.name, text }),
  };
}

/**
 * A network that is there from first to last needs no gate. One that never is has one for its log where that is possible, and is kept
 * by the engine alone where it is not.
 */
async function networkSpec(
  policies: readonly NetworkPolicy[],
  engine: Trial['engine'],
): Promise<Pick<EnvironmentSpec, 'network' | 'policy'>> {
  const [policy] = policies;
  if (policy === undefined || policies.every(({ mode }) => mode === 'public')) return { network: 'public' };
  const isGated = needsGate(policies) || (await engine.policyRefusal()) === null;
  return isGated ? { network: 'none', policy } : { network: 'none' };
}

/** What a variable of the host says of a service is known here for the first time. */
function refuseFree(services: readonly ComposeService[], policies: readonly NetworkPolicy[]): void {
  if (policies.every(({ mode }) => mode === 'public')) return;
  for (const service of services) {
    const [passing] = passesRules(service);
    if (passing !== undefined)
      throw new TaskError(
        `its network policy cannot be kept: cap_add ${passing} (service ${service.name}) passes by it`,
      );
  }
}

function projectSpec(
  { project, services }: EnvironmentImages,
  main: ComposeService | null,
): ProjectSpec | null {
  if (project === null || main === null) return null;
  const sidecars = project.services.flatMap((service) => {
    const image = services.get(service.name);
    return image === undefined ? [] : [{ spec: service, image }];
  });
  return { main, sidecars, networks: project.networks, volumes: project.volumes };
}
