import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { InputError } from '../../base/errors.js';
import { gateDefaults } from '../../score/comparison/gate.js';
import { sequentialDefaults } from '../../score/sequential/sequential-gate.js';

/**
 * The options of a decision against a baseline, undefined where they are not given, so that one without its decision can be
 * refused. New ones each time: commander marks those it is given.
 */
export const gateOptions = {
  maxDrop: () =>
    new Option(
      '--max-drop <points>',
      `largest drop tolerated: points of a percentage (default: ${gateDefaults.maxDrop * 100}pp)`,
    ).argParser(parsePoints),
  alpha: () =>
    new Option(
      '--alpha <share>',
      `accepted chance of a false alarm (default: ${gateDefaults.alpha})`,
    ).argParser(parseShare),
  findDrop: () =>
    new Option(
      '--find-drop <points>',
      'drop that must be found when one may stop early (default: what the fixed gate finds with 80 % power, and a tenth more)',
    ).argParser(parsePoints),
  miss: () =>
    new Option(
      '--miss <share>',
      `accepted chance of missing it (default: ${sequentialDefaults.miss})`,
    ).argParser(parseShare),
};

/** Throws for an option that is given without the decision it belongs to, which would say nothing. */
export function refuseWithout(
  decision: string,
  given: Readonly<Record<string, unknown>>,
  hint?: string,
): void {
  const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined)
    throw new InputError(`${name} is for ${decision}`, hint === undefined ? {} : { hint });
}

/** What `parsePoints` reads. */
export const pointsPattern = /^(\d+(?:\.\d+)?)\s*(pp|%)?$/;

/** `2pp`, `2 pp`, `2%` and `0.02` are all two points. */
export function parsePoints(text: string): number {
  const match = pointsPattern.exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN) / (match?.[2] === undefined ? 1 : 100);
  if (match === null || value > 1)
    throw new InvalidArgumentError('expected points such as 2pp, or a fraction such as 0.02');
  return value;
}

/** A share in (0, 1), as `0.05` or `5%`. */
export function parseShare(text: string): number {
  const value = parsePoints(text);
  if (value >= 1) throw new InvalidArgumentError('expected a share under 1, such as 0.05');
  return value;
}
