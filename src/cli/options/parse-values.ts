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

const units = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A size in bytes from `50GB`, `1.5T`, `800 MB` or a plain number: powers of 1,000. */
export function parseBytes(value: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)B?$/i.exec(value) ?? [];
  if (number === undefined) throw new InvalidArgumentError('a size is needed, such as 50GB');
  return Number(number) * units[unit.toUpperCase() as keyof typeof units];
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
