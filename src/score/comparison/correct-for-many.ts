/**
 * p-values corrected for their number, in the order given: Holm's step-down (Scand. J. Statist. 6, 1979). The chance of
 * any false finding among them stays at the level of one; no assumption on how they hang together.
 */
export function correctForMany(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const corrected = new Array<number>(ps.length).fill(1);
  let most = 0;
  order.forEach(({ p, index }, rank) => {
    most = Math.max(most, Math.min(1, p * (ps.length - rank)));
    corrected[index] = most;
  });
  return corrected;
}

/** The level at which each of so many intervals has to be drawn for all of them to hold at `level`: Bonferroni's. */
export function levelOfEach(level: number, count: number): number {
  return 1 - (1 - level) / Math.max(1, count);
}
