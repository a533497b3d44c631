import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { SeparateVerifier, TaskEnvironment, TaskVerifier } from '../../task.js';
import { isFile } from '../../task-files.js';
import { toEnvironment, toNetwork } from './environment.js';
import { findRecipe } from './find-recipe.js';
import type { TaskToml } from './schema.js';

type VerifierToml = TaskToml['verifier'];

/** What a verifier's tables are read with. */
export interface VerifierSource {
  /** The task's folder. */
  readonly dir: string;
  /** Its task.toml, for errors. */
  readonly file: string;
  readonly toml: TaskToml;
  /** The agent's, which a separate verifier copies where it declares none of its own. */
  readonly environment: TaskEnvironment;
}

/** A step's part in its verifier; null for the verifier of a task without steps. */
export type StepVerifier = Pick<TaskToml['steps'][number], 'name' | 'verifier'> | null;

/**
 * The verifier of a task, or of one of its steps: the step's table over the task's, key by key. Only `timeout_sec` is
 * not inherited: in Harbor the step table's own default wins.
 */
export async function toVerifier(source: VerifierSource, step: StepVerifier): Promise<TaskVerifier> {
  const { dir, file, toml } = source;
  const own = step?.verifier ?? null;
  const where = own === null || step === null ? `${file}: verifier` : `${file}: steps.${step.name}.verifier`;
  refuseContradiction(`${file}: verifier`, toml.verifier);
  if (own !== null) refuseContradiction(where, own);
  const stepTests = step === null ? null : path.join(dir, 'steps', step.name, 'tests');
  const separate =
    modeOf(own, toml.verifier) === 'separate' ? await findSeparate(source, own, stepTests) : null;
  const script = source.environment.os === 'windows' ? 'test.bat' : 'test.sh';
  const testsDirs = await presentFolders([path.join(dir, 'tests'), stepTests], script, separate);
  const network = own === null ? null : toNetwork(where, own);
  return {
    timeoutMs: (step === null ? toml.verifier : (own ?? stepDefaults)).timeout_sec * 1000,
    user: userName(own?.user ?? toml.verifier.user),
    network: network?.mode == null ? toNetwork(`${file}: verifier`, toml.verifier) : network,
    env: { ...toml.verifier.env, ...own?.env },
    separate,
    collect: [...toml.verifier.collect, ...(own?.collect ?? [])].map((hook) => ({
      command: hook.command,
      service: hook.service,
      timeoutMs: hook.timeout_sec * 1000,
      user: userName(hook.user),
    })),
    testsDirs,
    script,
    scriptText: null,
  };
}

const stepDefaults = { timeout_sec: 600 };

export function userName(user: string | number | undefined): string | null {
  return user === undefined ? null : String(user);
}

function refuseContradiction(where: string, table: VerifierToml): void {
  if (table.environment === undefined || table.environment_mode !== 'shared') return;
  const subject = where.endsWith(': verifier') ? '[verifier.environment]' : 'its environment table';
  throw new TaskError(`${where}.environment_mode = "shared" contradicts ${subject}`, {
    hint: 'remove the table, or the key',
  });
}

function modeOf(own: VerifierToml | null, task: VerifierToml): 'shared' | 'separate' {
  for (const table of [own, task]) {
    if (table?.environment_mode !== undefined) return table.environment_mode;
    if (table?.environment !== undefined) return 'separate';
  }
  return 'shared';
}

/**
 * The first of five that says where the image comes from: the step's table, the step's tests, the task's table, the task's
 * tests, the agent's own environment. All but the last carry their tests. The settings are of one table, never merged; the time
 * to build is always the agent environment's.
 */
async function findSeparate(
  source: VerifierSource,
  own: VerifierToml | null,
  stepTests: string | null,
): Promise<SeparateVerifier> {
  const { dir, file, toml, environment } = source;
  const table = own?.environment ?? toml.verifier.environment;
  const settings =
    table === undefined
      ? { ...environment, healthcheck: null }
      : toEnvironment(`${file}: verifier.environment`, table, {
          buildContext: null,
          dockerfile: 'Dockerfile',
        });
  const imageOf = (one: VerifierToml | null | undefined): string | null =>
    one?.environment?.docker_image ?? one?.environment?.image ?? null;
  const steps: readonly (() => Promise<Image | null>)[] = [
    () => Promise.resolve(prebuilt(imageOf(own))),
    () => builtFrom(stepTests, source, own),
    () => Promise.resolve(prebuilt(imageOf(toml.verifier))),
    () => builtFrom(path.join(dir, 'tests'), source, own),
  ];
  const { buildTimeoutMs, dockerImage, buildContext, dockerfile, workdirFiles, compose, unsupported } =
    environment;
  for (const look of steps) {
    const image = await look();
    if (image !== null) return { bundled: true, environment: { ...settings, ...image, buildTimeoutMs } };
  }
  const copied = {
    dockerImage,
    buildContext,
    dockerfile,
    workdirFiles,
    buildTimeoutMs,
    compose,
    unsupported,
  };
  return { bundled: false, environment: { ...settings, ...copied } };
}

type Image = Pick<
  TaskEnvironment,
  'dockerImage' | 'buildContext' | 'dockerfile' | 'workdirFiles' | 'compose' | 'unsupported'
>;

const plain = { workdirFiles: null, compose: null, unsupported: [] };

function prebuilt(image: string | null): Image | null {
  const nothing = { buildContext: null, dockerfile: 'Dockerfile', ...plain };
  return image === null ? null : { dockerImage: image, ...nothing };
}

async function builtFrom(
  testsDir: string | null,
  { dir, toml }: VerifierSource,
  own: VerifierToml | null,
): Promise<Image | null> {
  if (testsDir === null) return null;
  const table = own?.environment ?? toml.verifier.environment ?? toml.environment;
  const recipe = await findRecipe(testsDir, {
    taskDir: dir,
    table: { ...table, docker_image: undefined, image: undefined },
  });
  if (recipe === null) return null;
  const { buildContext, dockerfile, compose = null, unsupported = [] } = recipe;
  return { dockerImage: null, buildContext, dockerfile, workdirFiles: null, compose, unsupported };
}

/** The folders of tests that are there. Their script must be in one of them, unless the image carries it. */
async function presentFolders(
  candidates: readonly (string | null)[],
  script: string,
  separate: SeparateVerifier | null,
): Promise<readonly string[]> {
  if (separate?.bundled === true) return [];
  const folders = candidates.filter((folder) => folder !== null);
  const found = await Promise.all(folders.map((folder) => isFile(path.join(folder, script))));
  if (!found.includes(true))
    throw new TaskError(`${path.join(folders.at(-1) ?? '', script)}: the verifier's script is missing`);
  return folders;
}
