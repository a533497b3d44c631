/** What a trial takes of the engine's host while it runs. */
export interface Need {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Of a task that names no limits: what Harbor's tasks name most. */
export const usualNeed: Need = { cpus: 1, memoryBytes: 2 * 2 ** 30 };

/** What there is for the trials of a job. */
export interface Host {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** How many trials run at once: a number, or as many as the host has memory and cpus for. */
export type Concurrency = number | 'auto';

/** Lets trials begin, in the order in which they ask. */
export interface Admission {
  /** Resolves to what `work` resolves to; it is begun when there is room for it. */
  admit<T>(need: Need, work: () => Promise<T>): Promise<T>;
  /** How many may run from now on. Those that run go on. */
  allow(concurrency: Concurrency): void;
}

/** Trials at once that `auto` never goes beyond: an engine starts a few sandboxes a second and keeps a process for each. */
export const mostAtOnce = 256;
/** Cpus that may be promised for each that is there: most of a trial's time is the model's. */
const cpuShare = 2;
/** Memory is never promised twice, and some is left for the engine, its monitors and tbench itself. */
const memoryKept = { share: 0.1, leastBytes: 2 ** 30 };
/** How often a trial that does not fit is passed by smaller ones before nothing may pass it any more. */
const mostPasses = 8;

interface Waiting {
  readonly need: Need;
  readonly begin: () => void;
  passes: number;
}

/** How many trials of the usual size run at once: what somebody who hands them out may count on. */
export function slotsOf(concurrency: Concurrency, host: Host): number {
  if (concurrency !== 'auto') return concurrency;
  const room = roomOf(host);
  const slots = Math.min(room.cpus / usualNeed.cpus, room.memoryBytes / usualNeed.memoryBytes);
  return Math.min(mostAtOnce, Math.max(1, Math.floor(slots)));
}

function roomOf({ cpus, memoryBytes }: Host): Need {
  return {
    cpus: cpus * cpuShare,
    memoryBytes: memoryBytes - Math.max(memoryKept.leastBytes, memoryBytes * memoryKept.share),
  };
}

export function openAdmission(concurrency: Concurrency, host: Host): Admission {
  const waiting: Waiting[] = [];
  const taken = { trials: 0, cpus: 0, memoryBytes: 0 };
  let allowed = concurrency;
  const room = roomOf(host);
  const fits = ({ cpus, memoryBytes }: Need): boolean => {
    if (allowed !== 'auto') return taken.trials < allowed;
    // What is larger than the host runs by itself: it was asked for.
    if (taken.trials === 0) return true;
    return (
      taken.trials < mostAtOnce &&
      taken.cpus + cpus <= room.cpus &&
      taken.memoryBytes + memoryBytes <= room.memoryBytes
    );
  };
  const take = ({ cpus, memoryBytes }: Need, sign: 1 | -1): void => {
    taken.trials += sign;
    taken.cpus += sign * cpus;
    taken.memoryBytes += sign * memoryBytes;
  };
  const beginWhatFits = (): void => {
    for (let at = 0; at < waiting.length;) {
      const next = waiting[at];
      if (next === undefined) return;
      if (fits(next.need)) {
        waiting.splice(at, 1);
        for (const passed of waiting.slice(0, at)) passed.passes += 1;
        take(next.need, 1);
        next.begin();
      } else if (allowed !== 'auto' || next.passes >= mostPasses) return;
      else at += 1;
    }
  };
  return {
    async admit(need, work) {
      await new Promise<void>((begin) => {
        waiting.push({ need, begin, passes: 0 });
        beginWhatFits();
      });
      try {
        return await work();
      } finally {
        take(need, -1);
        beginWhatFits();
      }
    },
    allow(next) {
      allowed = next;
      beginWhatFits();
    },
  };
}
