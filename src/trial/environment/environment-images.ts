import { composeVariables, mainImageName } from '../../dataset/formats/compose/compose-variables.js';
import { readProject } from '../../dataset/formats/compose/read-project.js';
import { TaskError } from '../../base/errors.js';
import type { ComposeProject, ComposeService } from '../../dataset/compose.js';
import { resolveEnv } from '../../dataset/resolve-env.js';
import type { TaskEnvironment } from '../../dataset/task.js';
import type { ContainerEngine, Image, ImageSource } from '../../sandbox/container-engine.js';
import type { Trial, TrialSettings } from '../trial.js';

/** The images of one environment, and the services that they are for. */
export interface EnvironmentImages {
  readonly main: Image;
  /** Of the sidecars, by name. */
  readonly services: ReadonlyMap<string, Image>;
  /** The compose file's, variables filled in; null for one plain sandbox. */
  readonly project: ComposeProject | null;
  /** What a reader of the record should know of how they were made. */
  readonly warnings: readonly string[];
}

/** What images are had with. */
export interface ImageMaker {
  readonly engine: Pick<ContainerEngine, 'ensureImage'>;
  readonly settings: Pick<TrialSettings, 'pull' | 'timeoutMultiplier' | 'hostEnv'>;
  /** The trial, by whose name a compose file may call things. */
  readonly owner: string;
  /** Told every line of a pull or a build. */
  readonly tell: (line: string) => void;
}

/** The image maker of a trial, whose watchers see the lines. */
export function imageMakerOf({ engine, settings, spec, emit }: Trial): ImageMaker {
  return {
    engine,
    settings,
    owner: spec.name,
    tell: (text) => emit({ kind: 'trial-detail', trial: spec.name, text }),
  };
}

/** Pulls or builds every image of an environment, each once however many trials ask for it. */
export async function ensureImages(
  { engine, settings, owner, tell }: ImageMaker,
  environment: TaskEnvironment,
  options: { readonly forceBuild: boolean; readonly signal: AbortSignal },
): Promise<EnvironmentImages> {
  const project = await projectOf(environment, { hostEnv: settings.hostEnv, owner });
  const warnings: string[] = [];
  const ensure = (source: ImageSource): Promise<Image> =>
    engine.ensureImage(source, {
      pull: settings.pull,
      ...options,
      onProgress: tell,
      onWarning: (line) => warnings.push(line),
    });
  const limitMs = environment.buildTimeoutMs * settings.timeoutMultiplier;
  const main = project?.services.find(({ name }) => name === 'main') ?? null;
  const others = (project?.services ?? []).filter(({ name }) => name !== 'main');
  // What one service builds under a name, another may take by it; nobody else has it.
  const named = new Map<string | null, ImageSource | null>(
    others.flatMap((service) =>
      service.build === null || service.image === null
        ? []
        : [[untagged(service.image), serviceSource(service, limitMs)]],
    ),
  );
  const source = mainSource(environment, main, limitMs);
  const ofSidecar = source.buildContext === null ? named.get(untagged(source.reference)) : null;
  const mainImage = await ensure(ofSidecar ?? source);
  const own = environment.compose === null ? null : mainImageName(environment.compose.file);
  const built = new Map([...named, [own, null] as const]);
  if (main !== null && main.image !== null && buildsMain(environment, main))
    built.set(untagged(main.image), null);
  const services = await Promise.all(
    others.map(async (service) => {
      const known =
        service.build === null && service.image !== null ? built.get(untagged(service.image)) : undefined;
      const image = known === null ? mainImage : await ensure(known ?? serviceSource(service, limitMs));
      return [service.name, image] as const;
    }),
  );
  return { main: mainImage, services: new Map(services), project, warnings };
}

/** An image's name, which may be written with the tag that is meant without one. */
function untagged(image: string | null): string | null {
  return image?.replace(/:latest$/, '') ?? null;
}

async function projectOf(
  environment: TaskEnvironment,
  { hostEnv, owner }: { readonly hostEnv: Readonly<Record<string, string>>; readonly owner: string },
): Promise<ComposeProject | null> {
  const { compose, env } = environment;
  if (compose === null) return null;
  const known = composeVariables(environment, { env: resolveEnv(env, hostEnv), owner });
  const variables = { ...hostEnv, ...known };
  const { project, refusals } = await readProject(compose, variables);
  // What a variable of the host says is known here for the first time.
  if (refusals.length > 0) throw new TaskError(`its compose file uses ${refusals.join('; ')}`);
  return project;
}

/** Whether main's image is built; what compose calls it is then its name. */
function buildsMain({ dockerImage, buildContext }: TaskEnvironment, main: ComposeService): boolean {
  return dockerImage === null && (main.build?.context ?? buildContext) !== null;
}

/** Where main's image comes from: a prebuilt one unless a build is forced and possible; compose may say how it is built, or name another. */
function mainSource(
  { dockerImage, buildContext, dockerfile }: TaskEnvironment,
  main: ComposeService | null,
  buildTimeoutMs: number,
): ImageSource {
  const build = main?.build ?? null;
  const context = build?.context ?? buildContext;
  const named = context === null || dockerImage !== null ? (main?.image ?? null) : null;
  return {
    reference: dockerImage === null ? named : (named ?? dockerImage),
    buildContext: context,
    dockerfile: build?.dockerfile ?? dockerfile,
    target: build?.target ?? null,
    buildArgs: build?.args ?? {},
    buildTimeoutMs,
  };
}

function serviceSource({ name, image, build }: ComposeService, buildTimeoutMs: number): ImageSource {
  if (build === null && image === null) throw new TaskError(`service ${name} has neither image nor build`);
  return {
    reference: build === null ? image : null,
    buildContext: build?.context ?? null,
    dockerfile: build?.dockerfile ?? 'Dockerfile',
    target: build?.target ?? null,
    buildArgs: build?.args ?? {},
    buildTimeoutMs,
  };
}
