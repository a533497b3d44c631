import { constants } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { startTimer, type Timer } from '../../base/deadline.js';
import { privateModes } from '../../results/private-modes.js';
import type { TrialStore } from '../../results/trial-store.js';

/** Where the output of a command goes while it runs; disposed when it is over. */
export interface RunningOutput extends AsyncDisposable {
  readonly push: (bytes: Buffer) => void;
}

const keptBytes = 16 * 1024;
/** Most commands are over before: they cost no write. */
const writeEveryMs = 700;
const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/**
 * Keeps the end of a running command's output in the trial's folder, written anew now and then, for whoever watches;
 * removed when the command is over, since the journal has it then. A copy for people: what cannot be written is left out.
 */
export function keepRunningOutput({
  paths: { runningOutput },
  redact,
}: Pick<TrialStore, 'paths' | 'redact'>): RunningOutput {
  let tail: Buffer = Buffer.alloc(0);
  let isCut = false;
  let timer: Timer | undefined;
  let writing: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    const text = tail.toString('utf8');
    // A line that lost its beginning could hold a part of a secret that is no longer recognised.
    const whole = isCut ? text.slice(text.indexOf('\n') + 1) : text;
    const options = { flag: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: privateModes.file };
    await writeFile(runningOutput, redact(whole), options).catch(() => undefined);
  };
  const due = (): void => {
    timer = undefined;
    writing = (writing ?? Promise.resolve()).then(write);
  };
  return {
    push: (bytes) => {
      isCut ||= tail.length + bytes.length > keptBytes;
      tail = Buffer.concat([tail, bytes.subarray(-keptBytes)]).subarray(-keptBytes);
      timer ??= startTimer(writeEveryMs, due);
    },
    async [Symbol.asyncDispose]() {
      timer?.cancel();
      if (writing === null) return;
      await writing;
      await rm(runningOutput, { force: true }).catch(() => undefined);
    },
  };
}
