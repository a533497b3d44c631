import { overallReward } from '../../record/reward.js';
import type { VerifierSettings } from '../../record/run-spec.js';
import { parseJson } from '../../base/json-value.js';

/** What was found where a reward file may be; `refused` is a link, a device, an oversized file. */
export interface RewardFiles {
  readonly txt: string | null;
  readonly json: string | null;
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** The reading of the reward files. Failure types are Harbor's exception names. */
export type RewardReading =
  | {
      readonly kind: 'reward';
      readonly file: 'reward.txt' | 'reward.json';
      readonly text: string;
      readonly rewards: Readonly<Record<string, number>>;
      readonly reward: number;
      /** The other file's reward when both exist and differ; null when it cannot be read. */
      readonly conflict: { readonly file: string; readonly reward: number | null } | null;
    }
  | {
      readonly kind: 'failure';
      readonly type: 'RewardFileNotFoundError' | 'RewardFileEmptyError' | 'VerifierOutputParseError';
      readonly message: string;
      readonly text: string | null;
    };

/** Larger reward files are refused: a number needs no more. */
export const maxRewardBytes = 4096;

type Parsed =
  | { readonly rewards: Readonly<Record<string, number>>; readonly reward: number }
  | { readonly error: string };

/**
 * Reads the reward as Harbor does, but strictly: a plain decimal or a flat object of numbers, all finite. Nothing is
 * coerced, and nothing is clipped: some public tasks give -1, or more than 1. `precedence` says which file counts when both exist.
 */
export function readReward(
  files: RewardFiles,
  precedence: VerifierSettings['rewardPrecedence'],
): RewardReading {
  const order = precedence === 'json' ? (['json', 'txt'] as const) : (['txt', 'json'] as const);
  const [first, second] = order;
  const chosen = files[first] === null ? second : first;
  const text = files[chosen];
  if (text === null) return notFound(files);
  const file = `reward.${chosen}` as const;
  const parsed = parse(chosen, text);
  if ('error' in parsed) return unusable(file, text, parsed.error);
  const other = chosen === 'txt' ? 'json' : 'txt';
  return {
    kind: 'reward',
    file,
    text,
    ...parsed,
    conflict: conflictWith(parsed.reward, other, files[other]),
  };
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A plain decimal number, or null: no hexadecimal, no NaN, no trailing text. Range is not judged. */
export function parseDecimal(text: string): number | null {
  const trimmed = withoutBlanks(text);
  if (!decimal.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}

/** Without blanks around it. An expression that looks for those at the end is quadratic in those that are not there. */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const blanks = ' \t\r\n';

function parse(kind: 'txt' | 'json', text: string): Parsed {
  if (kind === 'json') return parseTable(text);
  const value = parseDecimal(text);
  if (value === null) return { error: 'is not a plain decimal number' };
  return { rewards: { reward: value }, reward: value };
}

function parseTable(text: string): Parsed {
  const value = parseJson(text);
  if (value === undefined) return { error: 'is not JSON' };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { error: 'is not an object of numbers' };
  const entries = Object.entries(value);
  const isNumber = (entry: [string, unknown]): entry is [string, number] => Number.isFinite(entry[1]);
  const numbers = entries.filter(isNumber);
  const [odd] = entries.filter((entry) => !isNumber(entry));
  if (odd !== undefined) return { error: `has no finite number under "${odd[0]}"` };
  return judged(Object.fromEntries(numbers));
}

function judged(rewards: Readonly<Record<string, number>>): Parsed {
  const reward = overallReward(rewards);
  if (reward === null) return { error: 'holds no numbers' };
  return Number.isFinite(reward) ? { rewards, reward } : { error: 'has no finite mean' };
}

function conflictWith(
  reward: number,
  kind: 'txt' | 'json',
  text: string | null,
): { readonly file: string; readonly reward: number | null } | null {
  if (text === null) return null;
  const parsed = parse(kind, text);
  const other = 'error' in parsed ? null : parsed.reward;
  return other === reward ? null : { file: `reward.${kind}`, reward: other };
}

function notFound({ refused }: RewardFiles): RewardReading {
  const hostile = refused.filter(({ path }) => path === 'reward.txt' || path === 'reward.json');
  const because = hostile.map(({ path, reason }) => `; ${path} was refused: ${reason}`).join('');
  return {
    kind: 'failure',
    type: 'RewardFileNotFoundError',
    message: `the tests left neither reward.txt nor reward.json in /logs/verifier${because}`,
    text: null,
  };
}

function unusable(file: string, text: string, error: string): RewardReading {
  const empty = text.trim() === '';
  return {
    kind: 'failure',
    type: empty ? 'RewardFileEmptyError' : 'VerifierOutputParseError',
    message: empty ? `${file} is empty` : `${file} ${error}: ${JSON.stringify(text.slice(0, 80))}`,
    text,
  };
}
