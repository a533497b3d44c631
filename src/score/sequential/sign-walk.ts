/**
 * The distribution of a random walk that stops at boundaries set while it walks: each pair of trials that differ is
 * a step of `size` units, down-side with probability `chance`, and mass beyond a boundary leaves. Exact, by
 * convolution over whole units.
 */
export class SignWalk {
  /** `mass[unit + offset]`: chance of being at `unit` without having left. */
  private mass = new Float64Array([1]);
  private offset = 0;

  /** One more pair: the sum rises by `size` units with probability `chance`, else falls by `fall`, by default as many. */
  step(size: number, chance: number, fall = size): void {
    const next = new Float64Array(this.mass.length + 2 * size);
    this.mass.forEach((value, index) => {
      if (value === 0) return;
      const fallen = index + size - fall;
      next[fallen] = (next[fallen] ?? 0) + value * (1 - chance);
      next[index + 2 * size] = (next[index + 2 * size] ?? 0) + value * chance;
    });
    this.mass = next;
    this.offset += size;
  }

  /** Makes each unit `parts` smaller ones. */
  refine(parts: number): void {
    const fine = new Float64Array((this.mass.length - 1) * parts + 1);
    this.mass.forEach((value, index) => (fine[index * parts] = value));
    this.mass = fine;
    this.offset *= parts;
  }

  /** The smallest sum so high that at most `chance` lies at it or above; infinite when even the end holds more. */
  highest(chance: number): number {
    let total = 0;
    let index = this.mass.length;
    while (index > 0 && total + (this.mass[index - 1] ?? 0) <= chance) {
      index -= 1;
      total += this.mass[index] ?? 0;
    }
    return index === this.mass.length ? Number.POSITIVE_INFINITY : index - this.offset;
  }

  /** The largest sum so low that at most `chance` lies at it or below. */
  lowest(chance: number): number {
    let total = 0;
    let index = 0;
    while (index < this.mass.length && total + (this.mass[index] ?? 0) <= chance) {
      total += this.mass[index] ?? 0;
      index += 1;
    }
    return index === 0 ? Number.NEGATIVE_INFINITY : index - 1 - this.offset;
  }

  /** Takes out what lies at `low` or below and at `high` or above; returns how much left on each side. */
  leave(low: number, high: number): { readonly below: number; readonly above: number } {
    let [below, above] = [0, 0];
    this.mass.forEach((value, index) => {
      const sum = index - this.offset;
      if (sum <= low) below += value;
      else if (sum >= high) above += value;
      else return;
      this.mass[index] = 0;
    });
    return { below, above };
  }
}
