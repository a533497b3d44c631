import { parseDecimal } from './reward.js';

/** What the shell's own trace says of the last reward that the test script wrote. */
export interface TraceReading {
  /** Commands traced; 0 means that bash did not run the script. */
  readonly commands: number;
  /** The number of the last traced `echo` or `printf` that could be a reward; null when there is none. */
  readonly reward: number | null;
}

/**
 * Reads a `set -x` trace backwards for the last reward written with `echo` or `printf`. Redirections are not
 * traced, so any lone number counts; lines that are no trace (a loader's error) are passed over.
 */
export function readTrace(trace: string): TraceReading {
  // Split where a command begins: a list of all lines would be one of millions for a text of line breaks.
  const [first = '', ...others] = trace.split('\n+').map((part) => part.split('\n', 1)[0] ?? '');
  const commands = [first, ...others.map((line) => `+${line}`)].filter((line) => /^\++ /.test(line));
  const rewards = commands.map(writtenReward).filter((reward) => reward !== null);
  return { commands: commands.length, reward: rewards.at(-1) ?? null };
}

const write = /^\++ (?:(?:builtin|command) )?(?:\S*\/)?(?:echo|printf)(?: -[neE]+)?((?: .*)?)$/;

function writtenReward(line: string): number | null {
  const words = write.exec(line)?.[1]?.trim();
  if (words === undefined || words === '') return null;
  const text = words
    .replace(/^'?%s?(?:\\n)?'? /, '')
    .replace(/^(['"])(.*)\1$/, '$2')
    .replace(/\\n$/, '');
  return parseDecimal(text) ?? rewardOfJson(text);
}

function rewardOfJson(text: string): number | null {
  const found = /^\{\s*"[^"]*"\s*:([^,}]+)\}$/.exec(text)?.[1];
  return found === undefined ? null : parseDecimal(found);
}
