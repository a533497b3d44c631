import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { baselineSchema, type Baseline } from '../record/baseline.js';
import { readNamedJson } from './read-file.js';
import { writeFileAtomic } from './write-file.js';

/** Reads a baseline file. Throws `InputError` naming the file and the first thing wrong with it. */
export async function readBaseline(path: string): Promise<Baseline> {
  let data: unknown;
  try {
    data = await readNamedJson(path);
  } catch (error) {
    throw new InputError(`cannot read the baseline ${path}`, { cause: error });
  }
  const parsed = baselineSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new InputError(`${path} is no baseline file: ${z.prettifyError(parsed.error).split('\n')[0] ?? ''}`, {
    hint: 'Make one with: tbench baseline save JOB --out FILE',
  });
}

/** Writes a baseline with one line a task, so that its changes read well in a diff. */
export async function writeBaseline(path: string, baseline: Baseline): Promise<void> {
  const { tasks, ...head } = baseline;
  const lines = Object.keys(tasks)
    .sort()
    .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(tasks[name])}`);
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  await writeFileAtomic(path, `${opening},\n  "tasks": {\n${lines.join(',\n')}\n  }\n}\n`);
}
