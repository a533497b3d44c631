import { decimal } from '../../../base/number/decimal.js';

/** 536870912 as `512 MiB`, 17481728 as `16.7 MiB`. */
export function bytes(count: number): string {
  const units: readonly [number, string][] = [
    [1024 ** 3, 'GiB'],
    [1024 ** 2, 'MiB'],
    [1024, 'KiB'],
  ];
  const unit = units.find(([size]) => count >= size);
  if (unit === undefined) return `${count} bytes`;
  return `${decimal(count / unit[0], 1).replace(/\.0$/, '')} ${unit[1]}`;
}
