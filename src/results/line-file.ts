import type { ResultsError } from '../base/errors.js';
import { openForAppend } from './append-file.js';
import { writeError } from './write-file.js';

/** A file that lines are added to by callers who cannot wait; lines added meanwhile are written together. */
export interface LineFile extends AsyncDisposable {
  /** Takes a line, without its line break. It is handed to the operating system as soon as the disk allows. */
  add(line: string): void;
  /** Returns when every line added so far is written. Throws `ResultsError` when one could not be. */
  flush(): Promise<void>;
}

export async function openLineFile(path: string): Promise<LineFile> {
  const file = await openForAppend(path);
  let waiting = '';
  let failure: ResultsError | null = null;
  let writing: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    try {
      while (waiting !== '') {
        const text = waiting;
        waiting = '';
        await file.appendFile(text);
      }
    } catch (error) {
      failure = writeError(path, error);
    } finally {
      writing = null;
    }
  };
  return {
    add(line) {
      if (failure !== null) return;
      waiting += `${line}\n`;
      writing ??= write();
    },
    async flush() {
      await writing;
      if (failure !== null) throw failure;
    },
    async [Symbol.asyncDispose]() {
      await writing;
      await file.close();
    },
  };
}
