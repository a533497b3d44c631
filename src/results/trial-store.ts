import { appendFile, lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ResultsError } from '../base/errors.js';
import { stepPaths, trialPaths, type TrialPaths } from './layout.js';
import { trialResultSchema, type TrialResult } from '../record/trial-result.js';
import type { TrialConfig } from '../record/trial-config.js';
import type { Redact } from './redact.js';
import { writeError, writePrivate, writeJson } from './write-file.js';
import { privateModes } from './private-modes.js';

/** Where one try of a trial is written. Everything but downloaded evidence passes the redactor. */
export interface TrialStore {
  readonly paths: TrialPaths;
  /** Which try of this attempt is being written, 1 for the first. */
  readonly tries: number;
  readonly redact: Redact;
  writeConfig(config: TrialConfig): Promise<void>;
  writeLock(lock: unknown): Promise<void>;
  writeException(text: string): Promise<void>;
  writeAgentFile(name: string, text: string): Promise<void>;
  /** Adds one line to trial.log. */
  log(line: string): Promise<void>;
}

/** Opens the folder of a trial for a try that `shelveEarlierTry` made room for. */
export async function openTrialStore(
  jobDir: string,
  trialName: string,
  { tries, redact }: Pick<TrialStore, 'tries' | 'redact'>,
): Promise<TrialStore> {
  const paths = trialPaths(jobDir, trialName);
  for (const dir of [paths.agentDir, paths.verifierDir])
    await mkdir(dir, { recursive: true, mode: privateModes.folder });
  return {
    paths,
    tries,
    redact,
    writeConfig: (config) => writeJson(paths.config, redactJson(config, redact)),
    writeLock: (lock) => writeJson(paths.lock, redactJson(lock, redact)),
    writeException: (text) => writePrivate(paths.exception, redact(text)),
    writeAgentFile: (name, text) => writePrivate(join(paths.agentDir, name), redact(text)),
    log: async (line) => {
      try {
        await appendFile(paths.log, `${new Date().toISOString()} ${redact(line)}\n`, {
          mode: privateModes.file,
        });
      } catch (error) {
        throw writeError(paths.log, error);
      }
    },
  };
}

/** The store of one step: its files lie in the step's folder, its log is the trial's. */
export async function openStepStore(store: TrialStore, step: string): Promise<TrialStore> {
  const paths = stepPaths(store.paths, step);
  for (const dir of [paths.agentDir, paths.verifierDir])
    await mkdir(dir, { recursive: true, mode: privateModes.folder });
  return {
    ...store,
    paths,
    writeException: (text) => writePrivate(paths.exception, store.redact(text)),
    writeAgentFile: (name, text) => writePrivate(join(paths.agentDir, name), store.redact(text)),
    log: (line) => store.log(`${step}: ${line}`),
  };
}

/** Removes a trial's own folders where its steps left nothing in them. */
export async function removeEmptyFolders({ paths }: TrialStore): Promise<void> {
  for (const dir of [paths.agentDir, paths.verifierDir, paths.artifactsDir])
    await rmdir(dir).catch(() => undefined);
}

/** The last write of a trial: makes it count as done. */
export async function writeTrialResult(jobDir: string, result: TrialResult, redact: Redact): Promise<void> {
  const { result: path } = trialPaths(jobDir, result.trial_name);
  await writeJson(path, redactJson(trialResultSchema.parse(result), redact));
}

function redactJson(value: unknown, redact: Redact): unknown {
  return JSON.parse(redact(JSON.stringify(value)));
}

/** Number of the try that lies in the folder of a trial unfinished; null when none does. */
export async function tryInFolder(paths: TrialPaths): Promise<number | null> {
  const found: readonly string[] = await readdir(paths.dir).catch(() => []);
  if (!found.includes('claim.json') || found.includes('result.json')) return null;
  return (await readdir(paths.triesDir).catch(() => [])).length + 1;
}

/**
 * Makes room for a new try and returns its number. What an earlier try left that never got done (a crash, a
 * cancellation, a failure of infrastructure) is moved to tries/<n>/, never deleted. A link in the folder's place is refused.
 */
export async function shelveEarlierTry(paths: TrialPaths): Promise<number> {
  await mkdir(paths.dir, { recursive: true, mode: privateModes.folder });
  for (const dir of [paths.dir, paths.triesDir])
    if ((await lstat(dir).catch(() => null))?.isSymbolicLink() === true)
      throw new ResultsError(`${dir} is a link; nothing is written there`);
  const left = (await readdir(paths.dir)).filter((name) => name !== 'tries');
  const earlier = (await readdir(paths.triesDir).catch(() => [])).length;
  if (left.length === 0) return earlier + 1;
  const shelf = join(paths.triesDir, String(earlier + 1));
  await mkdir(shelf, { recursive: true, mode: privateModes.folder });
  // What another process would go on from is no evidence, and holds the sandbox's whole environment.
  for (const path of [paths.claim, paths.answers]) await rm(path, { force: true });
  for (const name of left.filter((one) => one !== basename(paths.claim) && one !== basename(paths.answers)))
    await rename(join(paths.dir, name), join(shelf, name));
  // A shelved result.json of an older try would make readers that walk folders count it twice.
  await rename(join(shelf, 'result.json'), join(shelf, 'result.superseded.json')).catch(() => undefined);
  return earlier + 2;
}
