import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryDir } from '../../test/doubles/sample-job.js';
import { readConversation } from './formats/read-conversation.js';
import { readJobFolder } from './read-job-folder.js';

const root = temporaryDir('hostile-job');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const gigabyte = 1024 ** 3;
const good = JSON.stringify({ task_name: 'good', verifier_result: { rewards: { reward: 1 } } });
const secret = join(root, 'secret.json');
writeFileSync(secret, good);

/** A job with one good trial, and one whose file at `path` is made by `make`. */
function jobWith(name: string, path: string, make: (path: string) => void): string {
  const dir = join(root, name);
  for (const trial of ['good__1', 'odd__1']) {
    mkdirSync(join(dir, trial, 'agent'), { recursive: true });
    writeFileSync(join(dir, trial, 'result.json'), good);
  }
  rmSync(join(dir, path), { force: true });
  make(join(dir, path));
  return dir;
}

function huge(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, gigabyte);
}

const kinds: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ['a pipe', (path) => execFileSync('mkfifo', [path]), /no regular file/],
  ['an endless device', (path) => symlinkSync('/dev/zero', path), /link out of/],
  ['a link to a secret', (path) => symlinkSync(secret, path), /link out of/],
  ['a link to nothing', (path) => symlinkSync('nothing', path), /link to nothing/],
  ['a gigabyte', huge, /1073741824 bytes, more/],
  ['deep nesting', (path) => writeFileSync(path, '['.repeat(1e6) + ']'.repeat(1e6)), /more than 200 levels/],
];

it.each(kinds)(
  'a result.json that is %s is a problem of its trial, the others count',
  async (name, make, why) => {
    const [job] = await readJobFolder(jobWith(`result ${name}`, 'odd__1/result.json', make));
    expect(job?.trials.map((trial) => trial.task)).toEqual(['good']);
    expect(job?.problems.map((problem) => problem.message)).toEqual([expect.stringMatching(why)]);
  },
);

it.each(kinds)(
  'a config.json, timing.json or trajectory that is %s is passed over',
  async (name, make, why) => {
    const [job] = await readJobFolder(jobWith(`config ${name}`, 'config.json', make));
    expect(job?.trials).toHaveLength(2);
    expect(job?.problems[0]?.message).toMatch(why);
    const [timed] = await readJobFolder(jobWith(`timing ${name}`, 'odd__1/agent/timing.json', make));
    expect(timed?.problems[0]?.message).toMatch(why);
    const dir = jobWith(`trajectory ${name}`, 'odd__1/agent/trajectory.json', make);
    expect(await readConversation(join(dir, 'odd__1'))).toBeNull();
  },
);

it('a huge list of Terminal-Bench 1 and a mini-swe-agent job of pipes are named', async () => {
  const first = jobWith('tb1', 'results.json', huge);
  await expect(readJobFolder(first)).rejects.toThrow(/results.json has 1073741824 bytes/);
  const mini = join(root, 'mini');
  mkdirSync(join(mini, 'one'), { recursive: true });
  execFileSync('mkfifo', [join(mini, 'one', 'one.traj.json'), join(mini, 'preds.json')]);
  writeFileSync(join(mini, 'two.traj.json'), '{}');
  const [job] = await readJobFolder(mini);
  expect(job?.problems.map((problem) => problem.message)).toEqual([
    expect.stringMatching(/no regular file/),
    expect.stringMatching(/no regular file/),
  ]);
});
