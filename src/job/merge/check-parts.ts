import { InputError } from '../../base/errors.js';
import { configDifferences } from '../job-config.js';
import type { JobPart } from './read-part.js';

/**
 * Throws `InputError`, naming every fault, unless the parts are all the parts of one plan: the same settings and tasks,
 * each part once, no trial twice.
 */
export function checkParts(parts: readonly JobPart[]): void {
  const [first, ...others] = parts;
  if (first === undefined) throw new InputError('no part is named');
  const faults = others.flatMap((part) => differences(first, part));
  const { of } = first.shard;
  const indices = Array.from({ length: of }, (_, at) => at + 1);
  const byIndex = new Map<number, JobPart[]>();
  for (const part of parts.filter(({ shard }) => shard.of === of))
    byIndex.set(part.shard.index, [...(byIndex.get(part.shard.index) ?? []), part]);
  const partsOf = (index: number): readonly JobPart[] => byIndex.get(index) ?? [];
  for (const [index, same] of indices.map((index) => [index, partsOf(index)] as const))
    if (same.length > 1)
      faults.push(`part ${index}/${of} is there ${same.length} times: ${names(same)}; name one of them`);
  const missing = indices.filter((index) => partsOf(index).length === 0);
  if (missing.length > 0) faults.push(`missing: ${missing.map((index) => `part ${index}/${of}`).join(', ')}`);
  const makers = new Map<string, JobPart>();
  for (const part of parts)
    for (const { trial_name: trial } of part.trials) {
      const other = makers.get(trial);
      if (other !== undefined && other.shard.index !== part.shard.index)
        faults.push(`trial ${trial} is in more than one part: ${names([other, part])}`);
      makers.set(trial, part);
    }
  if (faults.length > 0)
    throw new InputError(`these are not the parts of one job:\n  ${faults.join('\n  ')}`);
}

function differences(first: JobPart, part: JobPart): string[] {
  const unlike = configDifferences(withoutShard(first), withoutShard(part));
  const extra: string[] = [];
  if (part.shard.of !== first.shard.of)
    extra.push(`is one of ${part.shard.of} parts, not of ${first.shard.of}`);
  if (part.config.n_attempts !== first.config.n_attempts)
    extra.push(`has ${part.config.n_attempts} attempts a task, not ${first.config.n_attempts}`);
  if (taskNames(part) !== taskNames(first)) extra.push('is of other tasks');
  return [...extra, ...unlike].map((text) => `${part.dir}, beside ${first.dir}: ${text}`);
}

function withoutShard({ config }: JobPart): JobPart['config'] {
  const { run: _run, ...tbench } = config.tbench;
  return { ...config, tbench };
}

function taskNames({ config }: JobPart): string {
  return config.tbench.tasks
    .map(({ name }) => name)
    .sort()
    .join('\n');
}

function names(parts: readonly JobPart[]): string {
  return parts.map(({ dir }) => dir).join(' and ');
}
