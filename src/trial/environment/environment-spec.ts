import type { ComposeService } from '../../dataset/compose.js';
import { resolveEnv } from '../../dataset/resolve-env.js';
import type { TaskEnvironment, TaskNetwork } from '../../dataset/task.js';
import type { EnvironmentSpec } from '../../sandbox/environment.js';
import type { ProjectSpec } from '../../sandbox/services/project-spec.js';
import type { Trial } from '../trial.js';
import type { EnvironmentImages } from './environment-images.js';
import { pidsLimit } from '../../sandbox/pids-limit.js';

/** An environment as a task describes it: the agent's, or a separate verifier's. */
export function environmentSpec(
  { spec, settings, emit }: Trial,
  environment: TaskEnvironment,
  options: {
    readonly images: EnvironmentImages;
    /** Who acts in main; null is the image's own user, or compose's. */
    readonly user: string | null;
    /** Of a phase that has the environment for itself. */
    readonly network?: TaskNetwork;
  },
): EnvironmentSpec {
  const { images } = options;
  const mode = options.network?.mode ?? environment.network.mode;
  const main = images.project?.services.find(({ name }) => name === 'main') ?? null;
  const project = projectSpec(images, main);
  return {
    network: mode === 'no-network' ? 'none' : 'public',
    blockPrivate: settings.blockPrivate,
    owner: { job: spec.job.name, trial: spec.name, task: spec.task.name, keep: settings.keepSandboxes },
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
