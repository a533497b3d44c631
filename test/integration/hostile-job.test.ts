import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDir } from '../doubles/sample-job.js';
import { runCli, type CliResult } from './cli.js';
import { steering } from '../doubles/steering.js';

/** What a stranger's job folder may hold: links, pipes, sizes, and texts that steer a terminal. No sandbox is needed. */
const golden = fileURLToPath(new URL('../fixtures/golden-0.1.0/finished', import.meta.url));
const root = temporaryDir('hostile-job');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const secret = 'c2VjcmV0LW9mLXRoZS11c2Vy';
/** OSC 52 writes the clipboard, U+202E turns the text around, U+200B hides, CSI 2J wipes. */
const evil = '\u001b]52;c;ZXZpbA==\u0007\u202e\u200b\u001b[2J\u009b31m';
const spoken = new Set([
  'task_name',
  'model_name',
  'source',
  'exception_message',
  'message',
  'content',
  'text',
  'output',
  'detail',
  'reason',
  'reasoning',
]);

/** The same JSON with evil at the end of every text that somebody else wrote. */
function spoil(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return spoken.has(key) ? value + evil : value;
  if (Array.isArray(value)) return value.map((one) => spoil(one, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoil(inner, name)]));
}

function spoilJson(path: string): void {
  const lines = path.endsWith('.jsonl')
    ? readFileSync(path, 'utf8').trim().split('\n')
    : [readFileSync(path, 'utf8')];
  writeFileSync(path, lines.map((line) => JSON.stringify(spoil(JSON.parse(line)))).join('\n'));
}

const results = join(root, 'results');
const job = join(results, 'spoilt');
const odd = `merge-contacts__2${evil.replaceAll('/', '')}`;

beforeAll(async () => {
  const outside = join(root, 'outside');
  mkdirSync(outside, { recursive: true });
  for (const name of ['auth.json', 'trajectory.json', 'timing.json', 'usage.json', 'journal.jsonl'])
    writeFileSync(join(outside, name), JSON.stringify({ auths: { 'registry.example': { auth: secret } } }));
  cpSync(golden, job, { recursive: true });
  for (const path of await readdir(job, { recursive: true })) {
    const file = join(job, path);
    if (/\.jsonl?$/.test(path)) spoilJson(file);
    else if (/\.(txt|log)$/.test(path)) writeFileSync(file, `${readFileSync(file, 'utf8')}\n${evil}\n`);
  }
  renameSync(join(job, 'merge-contacts__2'), join(job, odd));
  const linked = join(job, 'fix-interval-merge__2');
  const link = (path: string, target: string): void => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(target, path);
  };
  link(join(linked, 'agent'), outside);
  for (const path of ['config.json', 'verifier/test-stdout.txt', 'verifier/ctrf.json', 'exception.txt'])
    link(join(linked, path), join(outside, 'auth.json'));
  symlinkSync(linked, join(job, 'another__1'));
  const piped = join(job, 'answer-from-access-log__2');
  rmSync(join(piped, 'result.json'));
  execFileSync('mkfifo', [join(piped, 'result.json'), join(job, 'lock.json')]);
  symlinkSync('/dev/zero', join(job, 'events.jsonl'));
  const grown = join(job, 'answer-from-access-log__1/agent/usage.json');
  truncateSync(grown, 2 ** 27);
  // A job of other harnesses, whose own settings lead to the user's file.
  cpSync(job, join(results, 'linked'), {
    recursive: true,
    filter: (path) =>
      !path.includes('answer-from-access-log__2') &&
      !path.endsWith('replay-check.json') &&
      !path.endsWith('lock.json'),
  });
  link(join(results, 'linked/config.json'), join(outside, 'auth.json'));
  symlinkSync(job, join(results, 'behind-a-link'));
  cpSync(golden, join(results, 'piped'), { recursive: true });
  execFileSync('mkfifo', [join(results, 'piped/replay-check.json'), join(results, 'piped/sweep.json')]);
});

let files = 0;
const out = (): string => join(root, 'out', String((files += 1)));

const formats = ['harbor', 'atif', 'csv', 'jsonl', 'sharegpt'];
const trial = 'spoilt/merge-contacts__1';
const commands: readonly (readonly string[])[] = [
  ['score', 'spoilt', 'linked', 'behind-a-link'],
  ...[
    ['--json'],
    ['--csv', '--tasks'],
    ['--markdown', '--tasks', '--details'],
    ['--by', 'difficulty', '__proto__'],
  ].map((more) => ['score', 'spoilt', ...more]),
  ['score', 'piped'],
  ['curve', 'piped'],
  ['show', 'spoilt'],
  ['show', 'linked'],
  ...[
    trial,
    `spoilt/${odd}`,
    'spoilt/fix-interval-merge__2',
    'spoilt/answer-from-access-log__2',
    'spoilt/another__1',
  ].map((name) => ['show', name]),
  ['show', trial, '--json'],
  ...[trial, 'spoilt/fix-interval-merge__2', 'spoilt/another__1'].map((name) => ['logs', name]),
  ['status', 'spoilt'],
  ['status', 'linked', '--json'],
  ['check', 'spoilt'],
  ['compare', 'spoilt', 'linked'],
  ['baseline', 'save', 'spoilt', '--out', out()],
  ['gate', 'spoilt', '--baseline', 'spoilt'],
  ['curve', 'spoilt', 'linked'],
  ['certify', 'spoilt', '--out', out()],
  ['report', 'spoilt', 'linked', '--out', `${out()}.html`],
  ['merge', 'spoilt', 'linked', '--out', out()],
  ['replay-check', 'linked'],
  ['view', results, '--export', out()],
  ...formats.map((format) => ['export', 'spoilt', '--format', format, '--out', out()]),
  ...['harbor', 'atif'].flatMap((format) =>
    ['linked', 'behind-a-link'].map((name) => [
      'export',
      name,
      '--format',
      format,
      '--redact',
      '--out',
      out(),
    ]),
  ),
];

/** A path for results is of those commands that know the option. */
const withResults = (args: readonly string[]): string[] =>
  args[0] === 'view' ? [...args] : [...args, '--results', results];

let said: readonly (CliResult & { readonly args: string })[];
it('every command that reads a job ends, whatever lies in it', { timeout: 900_000 }, async () => {
  const queue = [...commands];
  const done: (CliResult & { args: string })[] = [];
  const work = async (): Promise<void> => {
    for (let args = queue.shift(); args !== undefined; args = queue.shift())
      done.push({ args: args.join(' '), ...(await runCli(withResults(args))) });
  };
  await Promise.all([work(), work()]);
  said = done;
  for (const { args, code, stderr } of said) expect([0, 1, 2, 3], `${args}\n${stderr}`).toContain(code);
  // They did what they were asked for, too: what is good is read.
  const isDone = (start: string) =>
    said.filter(({ args, code }) => args.startsWith(start) && code === 0).length;
  for (const start of ['score', 'show', 'logs', 'status', 'report', 'view', 'export', 'baseline', 'certify'])
    expect(
      isDone(start),
      `${start}: ${said.find(({ args }) => args.startsWith(start))?.stderr ?? ''}`,
    ).toBeGreaterThan(0);
  expect(
    said.filter(({ stderr }) => /\n {4}at /.test(stderr)).map(({ args, stderr }) => args + stderr),
  ).toEqual([]);
});

it('nothing that is printed steers a terminal or hides', () => {
  for (const { args, stdout, stderr } of said) {
    expect(steering.exec(stdout)?.[0], args).toBeUndefined();
    expect(steering.exec(stderr)?.[0], args).toBeUndefined();
  }
});

it('nothing that links lead to is printed or written, with and without --redact', async () => {
  for (const { args, stdout, stderr } of said) expect(stdout + stderr, args).not.toContain(secret);
  const written = (await readdir(join(root, 'out'), { recursive: true, withFileTypes: true })).filter(
    (one) => !one.isDirectory(),
  );
  expect(written.length).toBeGreaterThan(50);
  for (const file of written) {
    expect(file.isFile(), file.name).toBe(true);
    const text = await readFile(join(file.parentPath, file.name), 'utf8');
    expect(text.includes(secret) || text.includes('auths'), join(file.parentPath, file.name)).toBe(false);
  }
});
