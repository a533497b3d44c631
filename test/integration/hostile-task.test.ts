import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDir } from '../doubles/sample-job.js';
import { runCli, type CliResult } from './cli.js';
import { steering } from '../doubles/steering.js';

/** What a stranger's task folder may hold. Everything is refused, or read, before any sandbox. */
const good = fileURLToPath(new URL('../../tasks/sample/fix-interval-merge', import.meta.url));
const root = temporaryDir('hostile-task');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const secret = 'c2VjcmV0LW9mLXRoZS11c2Vy';
const evil = '\u001b]52;c;ZXZpbA==\u0007\u202e\u200b';
const tasks = join(root, 'tasks');
const compose = (body: string): string => `services:\n  main:\n    build: .\n${body}`;
const toml = (more: string): string => `schema_version = "1.4"\n${more}\n`;

/** What is done to a copy of a good task; `why` is what must be said of it. */
const kinds: readonly (readonly [name: string, spoil: (dir: string) => void, why: RegExp])[] = [
  ['toml-links-out', (dir) => link(join(dir, 'task.toml'), join(root, 'secret')), /link out of/],
  ['toml-is-a-pipe', (dir) => pipe(join(dir, 'task.toml')), /no regular file/],
  ['toml-is-endless', (dir) => link(join(dir, 'task.toml'), '/dev/zero'), /link out of/],
  [
    'toml-of-keys',
    (dir) =>
      writeFileSync(
        join(dir, 'task.toml'),
        Array.from({ length: 300_000 }, (_, at) => `k${at} = 1`).join('\n'),
      ),
    /200000 keys|keys, more/,
  ],
  ['toml-nests', (dir) => writeFileSync(join(dir, 'task.toml'), `a = ${'['.repeat(100_000)}`), /levels|nest/],
  [
    'instruction-links-out',
    (dir) => link(join(dir, 'instruction.md'), join(root, 'secret')),
    /leaves the task/,
  ],
  ['instruction-is-a-pipe', (dir) => pipe(join(dir, 'instruction.md')), /neither a file/],
  ['on-the-host', (dir) => composeFile(dir, compose('    network_mode: host\n')), /network_mode/],
  ['mounts-the-host', (dir) => composeFile(dir, compose('    volumes: ["/:/host"]\n')), /volumes|mount/],
  ['privileged', (dir) => composeFile(dir, compose('    privileged: true\n')), /privileged/],
  [
    'env-file-out',
    (dir) => composeFile(dir, compose('    env_file: ../../../secret\n')),
    /outside the task|env_file/,
  ],
  [
    'yaml-unfolds',
    (dir) =>
      composeFile(
        dir,
        `a: &a [x, x]\n${Array.from({ length: 30 }, (_, at) => `a${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`}, *${at === 0 ? 'a' : `b${at - 1}`}]`).join('\n')}\n${compose('')}`,
      ),
    /alias|unknown|not/i,
  ],
];

function link(path: string, target: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
function pipe(path: string): void {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
}
function composeFile(dir: string, text: string): void {
  writeFileSync(join(dir, 'environment', 'docker-compose.yaml'), text);
}

beforeAll(() => {
  mkdirSync(tasks);
  writeFileSync(join(root, 'secret'), `KEY=${secret}\n${secret}`);
  for (const [name, spoil] of kinds) {
    cpSync(good, join(tasks, name), { recursive: true });
    spoil(join(tasks, name));
  }
  const odd = join(tasks, `steers${evil}`);
  cpSync(good, odd, { recursive: true });
  writeFileSync(
    join(odd, 'task.toml'),
    toml(
      `[task]\nname = "org/x\\u001b]52;c;eA==\\u0007\\u202e"\n[metadata]\ndifficulty = "\\u001b[2J\\u200b"\n__proto__ = "\\u009b31m"\nconstructor = 1`,
    ),
  );
});

describe('a folder of hostile tasks', () => {
  let said: readonly (CliResult & { readonly args: string })[];
  beforeAll(async () => {
    const commands = [
      ['tasks', 'list', '-d', tasks],
      ['tasks', 'list', '-d', tasks, '--json'],
      ['tasks', 'check', '-d', tasks],
      ...['toml-is-a-pipe', 'mounts-the-host'].map((name) => ['tasks', 'show', join(tasks, name)]),
      ['tasks', 'show', join(tasks, `steers${evil}`)],
      ['run', '--agent', 'nop', '-d', tasks, '--dry-run'],
    ];
    const done: (CliResult & { args: string })[] = [];
    const work = async (): Promise<void> => {
      for (let args = commands.shift(); args !== undefined; args = commands.shift())
        done.push({ args: args.join(' '), ...(await runCli(args)) });
    };
    await Promise.all([work(), work()]);
    said = done;
  }, 900_000);

  it('is read to its end by every command, which says what is wrong with each', () => {
    for (const { args, code, stderr } of said) expect([0, 1, 2, 3], args + stderr).toContain(code);
    const check = said.find(({ args }) => args.startsWith('tasks check'));
    const lines = `${check?.stdout}${check?.stderr}`.split('\n');
    for (const [name, , why] of kinds)
      expect(
        lines.filter((line) => line.includes(name) && why.test(line)),
        `${name}\n${lines.join('\n')}`,
      ).not.toEqual([]);
    expect(
      said.filter(({ stderr }) => /\n {4}at /.test(stderr)).map(({ args, stderr }) => args + stderr),
    ).toEqual([]);
  });

  it('steers no terminal and shows no file of the user', () => {
    for (const { args, stdout, stderr } of said) {
      expect(steering.exec(stdout)?.[0], args).toBeUndefined();
      expect(steering.exec(stderr)?.[0], args).toBeUndefined();
      expect(stdout + stderr, args).not.toContain(secret);
    }
  });
});

it.each(['fd::17', 'ext::sh -c touch% CANARY', '--upload-pack=touch CANARY'])(
  'a dataset at %s is not fetched, whatever protocols the user allows git',
  async (url) => {
    const canary = join(root, 'canary');
    const cache = join(root, 'cache');
    const dir = join(root, 'dataset');
    mkdirSync(dir, { recursive: true });
    const git = url.replace('CANARY', canary);
    writeFileSync(
      join(dir, 'dataset.toml'),
      `[dataset]\nname = "org/x"\nsource = { git = ${JSON.stringify(git)} }\n[[tasks]]\nname = "org/one"\n`,
    );
    const env = { GIT_ALLOW_PROTOCOL: 'fd:ext:file:https', XDG_CACHE_HOME: cache };
    for (const dataset of [dir, join(dir, 'dataset.toml'), `git+${git}@main#tasks`]) {
      const { code } = await runCli(['tasks', 'list', '-d', dataset], env);
      expect([2, 3]).toContain(code);
    }
    expect(existsSync(canary)).toBe(false);
  },
);
