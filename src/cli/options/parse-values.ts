import { InvalidArgumentError } from '@commander-js/extra-typings';
import { shardSchema, type Shard } from '../../record/run-spec.js';

/** Gathers the values of a repeatable option. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** A whole number of at least 1. */
export function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('a whole number of at least 1 is needed');
  return count;
}

/** A whole number of at least 0. */
export function parseCountOrZero(value: string): number {
  return value === '0' ? 0 : parseCount(value);
}

/** `2/5`, the second of five parts, as a text: `--print-config` prints it as it was given. */
export function parseShard(value: string): string {
  if (!shardSchema.safeParse(shardOf(value)).success)
    throw new InvalidArgumentError('a part of a number of parts is needed, such as 2/5');
  return value;
}

export function shardOf(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  return { index: Number(index), of: Number(of) };
}

/** A number above 0. */
export function parseFactor(value: string): number {
  const factor = Number(value);
  if (!Number.isFinite(factor) || factor <= 0) throw new InvalidArgumentError('a number above 0 is needed');
  return factor;
}

/** `auto`, or a whole number of at least 1. */
export function parseCountOrAuto(value: string): number | 'auto' {
  return value === 'auto' ? 'auto' : parseCount(value);
}
