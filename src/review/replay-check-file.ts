import { join } from 'node:path';
import { ResultsError } from '../base/errors.js';
import { replayCheckSchema, type Replay } from '../record/replay-check.js';
import { readJson } from '../results/read-file.js';
import { writeJson } from '../results/write-file.js';

/** Beside a job's other files; no part of its record. */
export const replayCheckFile = 'replay-check.json';

/** The replays of a job that `tbench replay-check` made; empty where it was never checked. */
export async function readReplays(jobDir: string): Promise<readonly Replay[]> {
  const read = await readJson(jobDir, replayCheckFile, replayCheckSchema);
  if (read.kind === 'problem') throw new ResultsError(`${read.problem.path} ${read.problem.message}`);
  return read.kind === 'value' ? read.value.replays : [];
}

export async function addReplay(jobDir: string, replay: Replay): Promise<readonly Replay[]> {
  const replays = [...(await readReplays(jobDir)), replay];
  await writeJson(join(jobDir, replayCheckFile), { kind: 'tbench-replay-check', schema_version: 1, replays });
  return replays;
}
