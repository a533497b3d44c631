import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certifyCommand } from '../../src/cli/certify.js';
import { checkCommand } from '../../src/cli/check.js';
import { compareCommand } from '../../src/cli/compare.js';
import { exportCommand } from '../../src/cli/export.js';
import { gateCommand } from '../../src/cli/gate.js';
import { leaderboardCommand } from '../../src/cli/leaderboard.js';
import { reportCommand } from '../../src/cli/report.js';
import { scoreCommand } from '../../src/cli/score.js';
import { showCommand } from '../../src/cli/show.js';
import { outputOf } from '../doubles/command-output.js';
import { temporaryDir } from '../doubles/sample-job.js';

const results = temporaryDir('recorded-jobs');
afterAll(() => rmSync(results, { recursive: true, force: true }));

function put(path: string, content: unknown): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

/** A job of Harbor's: one task an entry, its rewards in the order of the attempts. */
function writeJob(
  name: string,
  model: string,
  tasks: readonly (readonly (number | null)[])[],
  dataset = 'tb',
): void {
  const dir = join(results, name);
  put(join(dir, 'config.json'), {
    agents: [{ name: 'terminus', model_name: model }],
    datasets: [{ name: dataset }],
  });
  tasks.forEach((rewards, task) => {
    rewards.forEach((reward, attempt) => {
      put(join(dir, `task-${task}__${attempt + 1}`, 'result.json'), {
        id: `${name}-${task}-${attempt}`,
        task_name: `task-${task}`,
        trial_name: `task-${task}__${attempt + 1}`,
        verifier_result: reward === null ? null : { rewards: { reward } },
        started_at: `2026-01-01T00:00:0${attempt}Z`,
      });
    });
  });
}

const hard = Array.from({ length: 12 }, () => [0, 0, 0]);
const easy = Array.from({ length: 12 }, () => [1, 1, 1]);
beforeAll(() => {
  writeJob('one/terminal-bench-2-0', 'org/one', easy);
  writeJob('two/terminal-bench-2-0', 'org/two', hard);
  for (let step = 1; step <= 8; step += 1)
    writeJob(`step-${step}`, 'org/model', [
      [1, 0],
      [step % 2, null],
    ]);
});

const twins = ['one/terminal-bench-2-0', 'two/terminal-bench-2-0'];
const at = ['--results', results];
const hintOf = (error: unknown): string => (error as { hint?: string }).hint ?? '';

describe('jobs whose folders have one name', () => {
  it('are told apart by their models in score, compare and gate', async () => {
    const { stdout } = await outputOf(scoreCommand(), ...twins, '--json', ...at);
    const { jobs } = JSON.parse(stdout) as { jobs: { name: string }[] };
    expect(jobs.map(({ name }) => name)).toEqual(['org/one', 'org/two']);
    expect((await outputOf(compareCommand(), ...twins, ...at)).stdout).toMatch(
      /^org\/one → org\/two\n[^]*org\/two is worse/,
    );
    const gate = await outputOf(gateCommand(), twins[1] ?? '', '--baseline', twins[0] ?? '', ...at);
    expect(gate.stdout).toMatch(/baseline +org\/one: 100\.0 %\n +candidate +org\/two: 0\.0 %/);
  });

  it('have a section, a bar and a picture each in the report', { timeout: 60_000 }, async () => {
    const out = join(results, '.out', 'report.md');
    await outputOf(reportCommand(), ...twins, '--out', out, ...at);
    const { readFile } = await import('node:fs/promises');
    const page = await readFile(out, 'utf8');
    expect(page.match(/^## .*/gm)).toEqual(['## org/one', '## org/two']);
    const endings = await readFile(join(results, '.out', 'report-pictures', 'endings.svg'), 'utf8');
    expect(endings).toContain('>org/one<');
    expect(endings).toContain('>org/two<');
  });

  it('given twice are one', async () => {
    const { stdout, stderr } = await outputOf(scoreCommand(), 'step-1', 'step-1', '--csv', ...at);
    expect(stdout.trim().split('\r\n')).toHaveLength(2);
    expect(stderr).toContain('passed over: step-1 is a folder that was named before');
  });
});

describe('eight jobs', () => {
  const steps = Array.from({ length: 8 }, (_, index) => `step-${index + 1}`);

  it('are one table and ten lines, and everything with --details', async () => {
    const { stdout } = await outputOf(scoreCommand(), ...steps, ...at);
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(10 + 12);
    expect(stdout).toMatch(/step-8 +org\/model +tb +25\.0 ± [\d.]+ +3\/4 /);
    expect(stdout).toContain('step-8: 1 trial without a verdict');
    expect(stdout).toContain('--details');
    const full = await outputOf(scoreCommand(), ...steps, '--details', ...at);
    expect(full.stdout.match(/^ {2}score /gm)).toHaveLength(8);
  });

  it('keep tasks and groups in Markdown and CSV', async () => {
    const markdown = await outputOf(scoreCommand(), 'step-1', 'step-2', '--markdown', '--tasks', ...at);
    expect(markdown.stdout).toContain('## step-2\n\n| task |');
    const csv = await outputOf(scoreCommand(), 'step-1', '--csv', '--tasks', ...at);
    expect(csv.stdout).toContain('step-1,task-1,1;,0.5,1,1,2,');
    const both = await outputOf(scoreCommand(), 'step-1', '--csv', '--tasks', '--by', 'x', ...at);
    expect(String(both.error)).toContain('--csv is one table');
  });
});

describe('a name that is not there', () => {
  it('is answered with the names that are', async () => {
    const score = await outputOf(scoreCommand(), 'stepp-3', ...at);
    expect(String(score.error)).toContain('no job folder or trial at stepp-3');
    expect(hintOf(score.error)).toMatch(/^Did you mean step-3\? In .*: one\/terminal-bench-2-0, step-1, /);
    const show = await outputOf(showCommand(), 'step-1/tsk-0__1', ...at);
    expect(hintOf(show.error)).toMatch(/^Did you mean task-0__1\?/);
    const job = await outputOf(showCommand(), 'stepp-3/task-0__1', ...at);
    expect(hintOf(job.error)).toMatch(/^Did you mean step-3\?/);
    const nested = await outputOf(scoreCommand(), 'one/terminal-bench-2-1', ...at);
    expect(hintOf(nested.error)).toMatch(/^Did you mean terminal-bench-2-0\?/);
    const empty = await outputOf(scoreCommand(), 'latest', '--results', join(results, 'none'));
    expect(String(empty.error)).toContain('there is no job in');
  });

  it('is the job worked on last when it is "latest"', async () => {
    utimesSync(join(results, 'step-5', 'config.json'), new Date(), new Date(Date.now() + 60_000));
    const { stdout } = await outputOf(scoreCommand(), 'latest', '--csv', ...at);
    expect(stdout).toContain('\r\nstep-5,');
    expect((await outputOf(showCommand(), 'latest/task-0__1', ...at)).stdout).toContain('task-0__1');
  });
});

it('tells problems on stderr where the output has no place for them', async () => {
  writeJob('broken', 'org/model', [[1]]);
  put(join(results, 'broken', 'cut__1', 'result.json'), '{');
  const { stdout, stderr } = await outputOf(scoreCommand(), 'broken', '--csv', ...at);
  expect(stdout).toContain(',1,2,');
  expect(stderr).toContain(`problem: ${join(results, 'broken', 'cut__1', 'result.json')} is not valid JSON`);
  const text = await outputOf(scoreCommand(), 'broken', ...at);
  expect(text.stdout).toContain('1 problem: cut__1/result.json is not valid JSON');
});

it('prints the published rows without a job, and every job it is given', async () => {
  const published = await outputOf(leaderboardCommand(), ...at);
  expect(published.error).toBeNull();
  expect(published.stdout).toMatch(/^model +dataset +published %/);
  const none = await outputOf(leaderboardCommand(), 'step-1', ...at);
  expect(String(none.error)).toContain('nothing is published for org/model on tb');
  const names = Array.from({ length: 8 }, (_, index) => `board-${index}`);
  for (const [index, name] of names.entries())
    writeJob(name, index < 2 ? 'Qwen 3.5 9B SWE-smith' : 'org/model', [[index % 2]], 'tb-lite');
  const many = await outputOf(leaderboardCommand(), ...names, ...at);
  for (const name of names) expect(many.stdout).toContain(name);
});

it('marks the certificate of a job that is not whole', async () => {
  const broken = fileURLToPath(new URL('../fixtures/golden-0.1.0/interrupted', import.meta.url));
  const out = join(results, '.out', 'c.json');
  const made = await outputOf(certifyCommand(), broken, '--out', out);
  expect(made.stdout).toMatch(/: 3 trials, mean 43\.8 % \(3\/6\)\n/);
  const checked = await outputOf(certifyCommand(), '--verify', out);
  expect(checked.stdout).toContain('mean 43.8 % (3/4)');
});

it('says what an export wrote, and check names the one that writes trajectories', async () => {
  const out = join(results, '.out', 'trials.csv');
  const written = await outputOf(exportCommand(), 'step-1', '--format', 'csv', '--out', out, ...at);
  expect(written.stdout).toBe(`${out}: 4 trials of step-1 as csv\n`);
  const check = await outputOf(checkCommand(), 'step-1', ...at);
  expect(check.stdout.replace(/\s+/g, ' ')).toContain('tbench export step-1 --format atif --out DIR');
});

it(
  'refuses a command that is not there, also with --help, and names those near',
  { timeout: 300_000 },
  async () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const run = async (...args: readonly string[]): Promise<{ code: number; stderr: string }> => {
      const command = ['--import', import.meta.resolve('tsx'), main, ...args];
      try {
        const { stderr } = await promisify(execFile)(process.execPath, command);
        return { code: 0, stderr };
      } catch (error) {
        return error as { code: number; stderr: string };
      }
    };
    const [top, nested, helped] = await Promise.all([
      run('scor', '--help'),
      run('tasks', 'lst', '--help'),
      run('help', 'nosuchcommand'),
    ]);
    expect(top).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean score?') as string });
    expect(nested).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean list?') as string,
    });
    expect(helped).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The commands are: run, ') as string,
    });
  },
);
