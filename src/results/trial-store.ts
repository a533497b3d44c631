import { appendFile, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { trialPaths, type TrialPaths } from './layout.js';
import { trialResultSchema, type TrialResult } from '../record/trial-result.js';
import type { Redact } from './redact.js';
import { writeError, writeFileAtomic, writeJson } from './write-file.js';

/** Where one try of a trial is written. Everything but downloaded evidence passes the redactor. */
export interface TrialStore {
  readonly paths: TrialPaths;
  /** Which try of this attempt is being written, 1 for the first. */
  readonly tries: number;
  readonly redact: Redact;
  writeConfig(config: unknown): Promise<void>;
  /** The last write of a trial: makes it count as done. */
  writeResult(result: TrialResult): Promise<void>;
  writeException(text: string): Promise<void>;
  writeAgentFile(name: string, text: string): Promise<void>;
  /** Adds one line to trial.log. */
  log(line: string): Promise<void>;
}

/**
 * Opens the folder of a trial for a new try. What an earlier try left that never got done (a crash, a
 * cancellation, a failure of infrastructure) is moved to tries/<n>/, never deleted.
 */
export async function openTrialStore(jobDir: string, trialName: string, redact: Redact): Promise<TrialStore> {
  const paths = trialPaths(jobDir, trialName);
  const tries = await shelveEarlierTry(paths);
  for (const dir of [paths.agentDir, paths.verifierDir]) await mkdir(dir, { recursive: true });
  const redactJson = (value: unknown): unknown => JSON.parse(redact(JSON.stringify(value)));
  return {
    paths,
    tries,
    redact,
    writeConfig: (config) => writeJson(paths.config, redactJson(config)),
    writeResult: (result) => writeJson(paths.result, redactJson(trialResultSchema.parse(result))),
    writeException: (text) => writeFileAtomic(paths.exception, redact(text)),
    writeAgentFile: (name, text) => writeFileAtomic(join(paths.agentDir, name), redact(text)),
    log: async (line) => {
      try {
        await appendFile(paths.log, `${new Date().toISOString()} ${redact(line)}\n`);
      } catch (error) {
        throw writeError(paths.log, error);
      }
    },
  };
}

/** Moves everything but `tries/` into the next free tries/<n>/; returns the number of the try to come. */
async function shelveEarlierTry(paths: TrialPaths): Promise<number> {
  await mkdir(paths.dir, { recursive: true });
  const left = (await readdir(paths.dir)).filter((name) => name !== 'tries');
  const earlier = (await readdir(paths.triesDir).catch(() => [])).length;
  if (left.length === 0) return earlier + 1;
  const shelf = join(paths.triesDir, String(earlier + 1));
  await mkdir(shelf, { recursive: true });
  for (const name of left) await rename(join(paths.dir, name), join(shelf, name));
  // A shelved result.json of an older try would make readers that walk folders count it twice.
  await rename(join(shelf, 'result.json'), join(shelf, 'result.superseded.json')).catch(() => undefined);
  return earlier + 2;
}
