import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { backOffMs, defaultRetryPolicy } from './back-off.js';

describe('the pause before the next try', () => {
  const at = (failures: number, random: number, retryAfterMs: number | null = null): number =>
    backOffMs(defaultRetryPolicy, failures, { retryAfterMs, random });

  it('doubles up to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((failures) => at(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  it('is spread over its upper half, so that trials do not come back together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const pause = at(failures, random);
          expect(pause).toBeGreaterThanOrEqual(at(failures, 1) / 2);
          expect(pause).toBeLessThanOrEqual(at(failures, 1));
        },
      ),
    );
  });

  it('is never shorter than the server asked for, within five minutes', () => {
    expect(at(1, 0, 7000)).toBe(7000);
    expect(at(6, 1, 7000)).toBe(32_000);
    expect(at(1, 0, 86_400_000)).toBe(300_000);
  });
});
