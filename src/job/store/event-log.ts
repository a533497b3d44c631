import { safeText } from '../../base/safe-text.js';
import type { EventLine, JobEvent } from '../../record/event.js';
import type { JobPaths } from '../../results/layout.js';
import { openLineFile } from '../../results/line-file.js';
import type { Redact } from '../../results/redact.js';
import { describeEvent } from './describe-event.js';

/** Where the events of a job are kept: all of them in events.jsonl, those that people read in job.log too. */
export interface EventLog extends AsyncDisposable {
  /** Takes an event without waiting for the disk. */
  add(event: JobEvent): void;
  /** Returns when every event so far is written. Throws `ResultsError` when one could not be. */
  flush(): Promise<void>;
}

/** Lines of a pull or a build that are kept of one trial: a build of a hostile task prints without end. */
const detailsKept = 500;
/** Characters of a text that are kept: a message of a task or a server may have any length. */
const longestText = 4_000;

/** Opens both files for appending; `redact` runs over every line. */
export async function openEventLog(
  paths: Pick<JobPaths, 'events' | 'log'>,
  redact: Redact,
): Promise<EventLog> {
  const events = await openLineFile(paths.events);
  const log = await openLineFile(paths.log);
  const details = new Map<string, number>();
  const isOneTooMany = (event: JobEvent): boolean => {
    if (event.kind === 'trial-end') details.delete(event.end.trial);
    if (event.kind !== 'trial-detail') return false;
    const count = (details.get(event.trial) ?? 0) + 1;
    details.set(event.trial, count);
    return count > detailsKept;
  };
  return {
    add(event) {
      if (isOneTooMany(event)) return;
      const at = new Date().toISOString();
      const line: EventLine = { at, ...event };
      events.add(redact(JSON.stringify(line, boundText)));
      const text = describeEvent(event);
      if (text !== null) log.add(safeText(`${at} ${redact(text)}`));
    },
    async flush() {
      await Promise.all([events.flush(), log.flush()]);
    },
    async [Symbol.asyncDispose]() {
      await events[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}

function boundText(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > longestText ? `${value.slice(0, longestText)}…` : value;
}
