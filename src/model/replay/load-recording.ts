import { readdir } from 'node:fs/promises';

import { InputError } from '../../base/errors.js';
import { loadJobRecording } from './job-recording.js';
import type { Recording } from './recording.js';
import { loadScripts, scriptFiles } from './script-recording.js';

/**
 * Loads what `--model replay:DIR` names: a folder of scripts, or a job folder with recorded trials.
 * @throws InputError when it is neither, or a script is wrong
 */
export async function loadRecording(dir: string): Promise<Recording> {
  const hint = 'replay:DIR takes a folder of scripts (docs/replay.md) or a job folder such as results/JOB.';
  try {
    await readdir(dir);
  } catch (cause) {
    throw new InputError(`replay:${dir}: there is no such folder`, { hint, cause });
  }
  if ((await scriptFiles(dir)).length > 0) return loadScripts(dir);
  const recording = await loadJobRecording(dir);
  if (recording.tasks.size === 0) throw new InputError(`replay:${dir}: no recorded turns there`, { hint });
  return recording;
}
