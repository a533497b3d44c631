import type { JobResult } from '../../record/job-result.js';
import { writeJson } from '../../results/write-file.js';

/**
 * The job's result.json: written whole and atomically, so that a kill -9 leaves the last one. It may then be some
 * trials behind, which the next start counts anew from the trials' folders.
 */
export interface TotalsFile {
  /** A trial ended. Writes the totals when enough of them have. */
  count(): Promise<void>;
  write(): Promise<void>;
}

/** How often the totals are written in the life of a job, however many trials it has: each time costs them all. */
const writesInAll = 100;

export function totalsFile(path: string, trials: number, totals: () => JobResult): TotalsFile {
  const trialsPerWrite = Math.ceil(trials / writesInAll);
  let unwritten = 0;
  let last = Promise.resolve();
  const write = (): Promise<void> => {
    unwritten = 0;
    const writing = last.then(() => writeJson(path, totals()));
    last = writing.catch(() => undefined);
    return writing;
  };
  return {
    write,
    async count() {
      unwritten += 1;
      if (unwritten >= trialsPerWrite) await write();
    },
  };
}
