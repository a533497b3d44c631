import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearestName } from '../../base/nearest-name.js';
import { readBoundedYaml, yamlProblem } from '../../base/bounded-yaml.js';
import { describeError, InputError } from '../../base/errors.js';
import { readNamedText } from '../../base/foreign-file.js';
import { tableOf } from '../../base/json-value.js';
import { checkTemplates } from './check-templates.js';
import { harnessFileSchema, harnessOf } from './harness-file.js';
import type { HarnessSource } from './harness-source.js';
import type { Harness } from './harness.js';
import { isMiniSweAgentFile, miniSweAgentHarness } from './mini-swe-agent-file.js';
import { parseStrictly } from './parse-strictly.js';
import { isTmaxPromptFile, tmaxPromptHarness } from './tmax-prompt-file.js';

/** The harness of a run that names none: harness/tmax.yaml holds all of its numbers. */
export const defaultHarness = 'tmax';

const maxHarnessBytes = 2 ** 20;

const harnessFolder = fileURLToPath(new URL('../../../harness/', import.meta.url));

/**
 * Loads a harness by name (`tmax`, a file of the package's harness/ folder) or by path. Besides our own
 * format it takes Tmax's prompt file and mini-swe-agent's YAML files as they are. Throws `InputError`.
 */
export async function loadHarness(nameOrPath: string): Promise<Harness> {
  const source = await readSource(await resolvePath(nameOrPath));
  const harness = await harnessOfSource(source);
  checkTemplates(harness, source.path);
  return harness;
}

async function harnessOfSource(source: HarnessSource): Promise<Harness> {
  if (isMiniSweAgentFile(source.value))
    return miniSweAgentHarness(source, await readOwn(ownPath('mini-swe-agent')));
  if (isTmaxPromptFile(source.value))
    return tmaxPromptHarness(source, await readOwn(ownPath(defaultHarness)));
  return ownHarness(source);
}

async function readOwn(path: string): Promise<Harness> {
  return ownHarness(await readSource(path));
}

function ownHarness({ path, value, digest }: HarnessSource): Harness {
  try {
    return harnessOf(parseStrictly(harnessFileSchema, value, path), digest);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new InputError(`${path}: actions.text_pattern: ${error.message}`, { cause: error });
    throw error;
  }
}

function ownPath(name: string): string {
  return join(harnessFolder, `${name}.yaml`);
}

/** Whatever looks like a path is one; any other word names a file of ours. */
async function resolvePath(nameOrPath: string): Promise<string> {
  if (/[/\\]/.test(nameOrPath) || /\.ya?ml$/.test(nameOrPath)) return nameOrPath;
  const names = (await readdir(harnessFolder))
    .filter((file) => extname(file) === '.yaml')
    .map((file) => basename(file, '.yaml'));
  if (names.includes(nameOrPath)) return ownPath(nameOrPath);
  const near = nearestName(nameOrPath, names);
  throw new InputError(
    `there is no harness ${nameOrPath}${near === null ? '' : ` (did you mean ${near}?)`}`,
    {
      hint: `Harnesses: ${names.join(', ')}; or pass the path of a file.`,
    },
  );
}

async function readSource(path: string): Promise<HarnessSource> {
  const text = await readText(path);
  const reading = readBoundedYaml(text);
  if (reading.kind === 'problem') throw new InputError(`harness file ${path}: ${yamlProblem(reading)}`);
  const value = tableOf(reading.value);
  if (value === null) throw new InputError(`harness file ${path} is not a mapping of keys`);
  return {
    path,
    stem: basename(path).replace(/\.ya?ml$/, ''),
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    value,
  };
}

/** The text of a harness's file, for a machine that may not have the file. */
export async function harnessText(nameOrPath: string): Promise<string> {
  return readText(await resolvePath(nameOrPath));
}

async function readText(path: string): Promise<string> {
  try {
    return await readNamedText(path, maxHarnessBytes);
  } catch (error) {
    throw new InputError(`cannot read harness file ${path}: ${describeError(error)}`);
  }
}
