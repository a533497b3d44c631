import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oddTrialsDir, temporaryDir, writeSampleJob } from '../../test/doubles/sample-job.js';
import { InputError } from '../base/errors.js';
import type { JobSummary } from '../record/job-summary.js';
import { readJobFolder } from './read-job-folder.js';

const root = temporaryDir('read-job');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: unknown): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

async function readOnly(dir: string): Promise<JobSummary> {
  const [job] = await readJobFolder(dir);
  if (job === undefined) throw new Error('no job');
  return job;
}

describe('a Harbor job', () => {
  let job: JobSummary;
  beforeAll(async () => {
    job = await readOnly(writeSampleJob(join(root, 'harbor')));
  });

  it('gives every trial with its reward, and null where there is no verdict', () => {
    expect(job).toMatchObject({
      name: 'harbor',
      format: 'harbor',
      model: 'openai/qwen35-9b',
      agent: 'vanillux2-agent',
      dataset: { name: 'terminal-bench', version: '2.0' },
      attemptsPlanned: 5,
      trialsPlanned: 445,
      problems: [],
      incomplete: [],
    });
    expect(job.trials).toHaveLength(445);
    expect(job.trials.filter((trial) => trial.reward === null).map((trial) => trial.name)).toEqual([
      'extract-elf__s8mhqWW',
    ]);
    expect(job.trials.filter((trial) => !trial.measured)).toHaveLength(1);
  });

  it('infers endings from the steps, and says that it does', () => {
    const count = (ending: string | null): number =>
      job.trials.filter((trial) => trial.ending === ending).length;
    expect([
      count('submitted'),
      count('context-window'),
      count('turn-limit'),
      count('agent-timeout'),
    ]).toEqual([134, 171, 105, 34]);
    expect(count(null)).toBe(1);
    expect(
      job.trials.every(
        (trial) => trial.endingInferred === (trial.ending !== 'agent-timeout' && trial.ending !== null),
      ),
    ).toBe(true);
  });
});

it('reads trials whose phases, agent or verifier are null', async () => {
  const jobs = await readJobFolder(oddTrialsDir);
  const trials = jobs.flatMap((job) => job.trials);
  expect(trials).toHaveLength(13);
  expect(jobs.flatMap((job) => job.problems)).toEqual([]);
  const byName = new Map(trials.map((trial) => [trial.name, trial]));
  expect(byName.get('crack-7z-hash__7yXrtrN')).toMatchObject({
    ending: 'cancelled',
    reward: null,
    effectiveReward: 0,
  });
  expect(byName.get('qemu-startup__M2xzYU2')).toMatchObject({
    ending: 'sandbox-error',
    errorType: 'DaytonaError',
  });
  expect(byName.get('dna-insert__MjzdCXM')?.phasesMs).toMatchObject({ agent: null, verifier: null });
});

it('gives one summary for each model of a mixed folder', async () => {
  expect((await readJobFolder(oddTrialsDir)).map((job) => job.model).sort()).toHaveLength(
    new Set((await readJobFolder(oddTrialsDir)).map((job) => job.model)).size,
  );
});

it('names corrupt and foreign files, skips them, and reads the rest', async () => {
  const dir = join(root, 'corrupt');
  put(join(dir, 'good__1', 'result.json'), {
    task_name: 'good',
    verifier_result: { rewards: { reward: 1 } },
  });
  put(join(dir, 'cut__1', 'result.json'), '{"task_name": "cut", ');
  put(join(dir, 'foreign__1', 'result.json'), { unexpected: true });
  put(join(dir, 'begun__1', 'config.json'), {});
  put(join(dir, 'config.json'), 'not json');
  put(join(dir, 'notes.txt'), 'mine');
  const job = await readOnly(dir);
  expect(job.trials.map((trial) => trial.task)).toEqual(['good']);
  expect(job.incomplete).toEqual(['begun__1']);
  const named = job.problems.map((problem) => problem.path.slice(dir.length + 1)).sort();
  expect(named).toEqual(['config.json', 'cut__1/result.json', 'foreign__1/result.json']);
  expect(job.trialsPlanned).toBe(3);
});

describe('a trial whose reward cannot be read', () => {
  it.each([
    ['{"reward": NaN}'],
    ['{"reward": -Infinity}'],
    ['{"reward": null}'],
    ['{"reward": "one"}'],
    ['{"reward": true}'],
    ['{"reward": 1e300}'],
    ['{"reward": [1], "style": 1}'],
    ['{"a": 1, "b": "x"}'],
    ['[1]'],
    ['1'],
  ])('%s stays, unmeasured and named', async (rewards) => {
    const dir = join(root, 'unreadable');
    put(join(dir, 'good__1', 'result.json'), {
      task_name: 'good',
      verifier_result: { rewards: { reward: 1 } },
    });
    const text = `{"task_name": "odd \\"NaN\\"", "cost": NaN, "verifier_result": {"rewards": ${rewards}}}`;
    put(join(dir, 'odd__1', 'result.json'), text);
    const job = await readOnly(dir);
    expect(
      job.trials.map(({ task, reward, effectiveReward, measured }) => [
        task,
        reward,
        effectiveReward,
        measured,
      ]),
    ).toEqual([
      ['good', 1, 1, true],
      ['odd "NaN"', null, 0, false],
    ]);
    expect(job.problems.map(({ path }) => path)).toEqual([join(dir, 'odd__1', 'result.json')]);
  });

  it('is scored by its "reward" where only another one cannot be read', async () => {
    const dir = join(root, 'side-reward');
    put(join(dir, 'odd__1', 'result.json'), {
      task_name: 'odd',
      verifier_result: { rewards: { reward: 0.5, style: 'x' } },
    });
    expect((await readOnly(dir)).trials[0]).toMatchObject({ reward: 0.5, measured: true });
  });
});

it('takes numbers that cannot be true for absent, and keeps the trial', async () => {
  const dir = join(root, 'impossible');
  put(join(dir, 'a__1', 'result.json'), {
    task_name: 'a',
    agent_info: 7,
    agent_result: { n_input_tokens: -5, n_output_tokens: 1e30, n_cache_tokens: '12' },
    verifier_result: { rewards: { reward: 1 } },
    exception_info: { exception_type: 5 },
    started_at: 12,
    verifier: 'now',
  });
  put(join(dir, 'a__1', 'agent', 'timing.json'), [{ llm_s: -1, bash_s: 2, cmd: 'true' }]);
  put(join(dir, 'result.json'), { n_total_trials: -3 });
  const job = await readOnly(dir);
  expect(job.trialsPlanned).toBeNull();
  expect(job.trials[0]).toMatchObject({
    reward: 1,
    errorType: 'unreadable',
    tokens: { input: null, output: null, cached: null },
    phasesMs: { model: 0, commands: 2000 },
  });
});

it('counts a trial once that lies in two folders, and names the copy', async () => {
  const dir = join(root, 'copied');
  const trial = {
    id: 'one',
    task_name: 'a',
    trial_name: 'a__1',
    verifier_result: { rewards: { reward: 1 } },
  };
  put(join(dir, 'a copy of it', 'result.json'), trial);
  put(join(dir, 'a__1', 'result.json'), trial);
  put(join(dir, 'a__2', 'result.json'), { ...trial, id: 'two', trial_name: 'a__2' });
  put(join(dir, 'result.json'), { n_total_trials: 2 });
  const job = await readOnly(dir);
  expect(job.trials.map(({ dir: folder }) => folder)).toEqual([join(dir, 'a__1'), join(dir, 'a__2')]);
  expect(job.problems).toEqual([
    { path: join(dir, 'a copy of it'), message: `is the same trial as ${join(dir, 'a__1')}: counted once` },
  ]);
});

it('takes the only reward whatever its name, the mean of several without a "reward", and says so', async () => {
  const dir = join(root, 'rewards');
  put(join(dir, 'a__1', 'result.json'), { task_name: 'a', verifier_result: { rewards: { score: 0.5 } } });
  put(join(dir, 'b__1', 'result.json'), {
    task_name: 'b',
    verifier_result: { rewards: { style: 1, tests: 0.5 } },
  });
  const job = await readOnly(dir);
  expect(job.trials.map((trial) => [trial.reward, trial.measured])).toEqual([
    [0.5, true],
    [0.75, true],
  ]);
  expect(job.problems.map(({ message }) => message)).toEqual([
    'has the rewards style, tests and none named "reward": their mean counts',
  ]);
});

it('survives any JSON where a result should be, and never reads a trajectory', async () => {
  const dir = join(root, 'any');
  const near = { task_name: 'near', verifier_result: { rewards: { reward: 1 } } };
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.constantFrom(...Object.keys(near), 'config', 'agent_info', 'tbench'),
      async (value, key) => {
        put(join(dir, 'near__1', 'result.json'), near);
        put(join(dir, 'near__1', 'agent', 'trajectory.json'), '{ cut');
        put(join(dir, 'odd__1', 'result.json'), { ...near, [key]: value });
        put(join(dir, 'odd__2', 'result.json'), value);
        const jobs = await readJobFolder(dir);
        const trials = jobs.flatMap((job) => job.trials);
        expect(trials.some((trial) => trial.task === 'near' && trial.reward === 1)).toBe(true);
        expect(jobs[0]?.problems.every((problem) => !problem.path.includes('trajectory'))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

it('takes attempt, ending, integrity and labels from a folder of its own', async () => {
  const dir = join(root, 'own');
  put(join(dir, 'config.json'), {
    job_name: 'mine',
    n_attempts: 2,
    timeout_multiplier: 2,
    agents: [{ name: 'model', model_name: 'm' }],
    datasets: [{ name: 'sample' }],
    tbench: {
      model_kind: 'replay',
      harness: {
        name: 'tmax',
        digest: 'sha256:1',
        budget: { turnTokens: 16_384, totalTokens: 65_536, whenTight: 'stop' },
      },
    },
  });
  put(join(dir, 'a__2', 'result.json'), {
    task_name: 'a',
    trial_name: 'a__2',
    agent_info: { name: 'model', version: '1', model_info: { name: 'm', provider: 'p' } },
    verifier_result: { rewards: { reward: 1 } },
    tbench: {
      attempt: 2,
      ending: 'submitted',
      model_kind: 'replay',
      totals: { turns: 3 },
      difficulty: 'easy',
    },
    integrity: {
      status: 'completed',
      verdict: 'tampered',
      raw_reward: 1,
      effective_reward: 0,
      evidence: {},
      findings: [],
    },
  });
  put(join(dir, 'a__1', 'result.json'), {
    task_name: 'a',
    trial_name: 'a__1',
    agent_info: { name: 'model', version: '1', model_info: { name: 'm', provider: 'p' } },
    tbench: { attempt: 1, ending: 'agent-timeout', blame: 'infrastructure' },
    integrity: { status: 'not_run', verdict: 'unverifiable', raw_reward: null, effective_reward: 0 },
  });
  const job = await readOnly(dir);
  expect(job).toMatchObject({
    format: 'tbench',
    modelKind: 'replay',
    timeoutMultiplier: 2,
    harness: { name: 'tmax', digest: 'sha256:1' },
    budgetMode: 'stop when tight, 16384 tokens a turn, 65536 in all',
  });
  expect(
    job.trials.map((trial) => [
      trial.attempt,
      trial.reward,
      trial.effectiveReward,
      trial.measured,
      trial.blame,
    ]),
  ).toEqual([
    [1, null, 0, false, 'infrastructure'],
    [2, 1, 0, true, null],
  ]);
});

it('reads a Terminal-Bench 1 run, where an unparsable test output is no verdict', async () => {
  const dir = join(root, 'tb1');
  put(join(dir, 'run_metadata.json'), {
    run_id: 'r',
    model_name: 'm',
    agent_name: 'terminus',
    dataset_name: 'core',
    dataset_version: '0.1.1',
    n_attempts: 2,
  });
  put(join(dir, 'results.json'), {
    results: [
      {
        task_id: 'a',
        trial_name: 'a.1-of-2.r',
        is_resolved: true,
        failure_mode: 'agent_timeout',
        total_input_tokens: 5,
      },
      { task_id: 'a', trial_name: 'a.2-of-2.r', is_resolved: null, failure_mode: 'parse_error' },
      { nothing: 1 },
    ],
  });
  const job = await readOnly(dir);
  expect(job).toMatchObject({
    format: 'terminal-bench-1',
    dataset: { name: 'core', version: '0.1.1' },
    agent: 'terminus',
  });
  expect(job.trials.map((trial) => [trial.attempt, trial.reward, trial.ending, trial.errorType])).toEqual([
    [1, 1, 'agent-timeout', 'agent_timeout'],
    [2, null, null, 'parse_error'],
  ]);
  expect(job.problems).toHaveLength(1);
});

it('reads a mini-swe-agent folder, whose rewards are missing without an evaluation report', async () => {
  const dir = join(root, 'mini');
  const info = {
    exit_status: 'Submitted',
    mini_version: '2.4.6',
    config: { model: { model_name: 'm' } },
    model_stats: { api_calls: 7 },
  };
  put(join(dir, 'a', 'a.traj.json'), { instance_id: 'a', info, messages: [] });
  put(join(dir, 'b', 'b.traj.json'), {
    instance_id: 'b',
    info: { ...info, exit_status: 'Exotic' },
    messages: [],
  });
  put(join(dir, 'preds.json'), { a: { model_name_or_path: 'm' }, c: { model_name_or_path: 'm' } });
  const without = await readOnly(dir);
  expect(without).toMatchObject({
    format: 'mini-swe-agent',
    model: 'm',
    harness: { name: 'mini-swe-agent 2.4.6' },
  });
  expect(without.trials.map((trial) => [trial.task, trial.reward, trial.ending, trial.errorType])).toEqual([
    ['a', null, 'submitted', null],
    ['c', null, null, null],
    ['b', null, null, 'Exotic'],
  ]);
  put(join(dir, 'm.report.json'), { resolved_ids: ['a'], unresolved_ids: ['b'] });
  const scored = await readOnly(dir);
  expect(scored.trials.map((trial) => trial.reward)).toEqual([1, null, 0]);
});

it('reads a long mini-swe-agent trajectory as far as its info, wherever that stands, and names a torn one', async () => {
  const dir = join(root, 'long');
  const messages = Array.from({ length: 40 }, () => ({ role: 'tool', content: 'x'.repeat(60_000) }));
  const info = { exit_status: 'Submitted', model_stats: { api_calls: 3 } };
  put(join(dir, 'first', 'first.traj.json'), { info, messages, instance_id: 'first' });
  put(join(dir, 'last', 'last.traj.json'), { messages, info });
  put(join(dir, 'large', 'large.traj.json'), {
    info: { ...info, submission: 'y'.repeat(2_000_000) },
    messages,
  });
  mkdirSync(join(dir, 'torn'));
  writeFileSync(join(dir, 'torn', 'torn.traj.json'), JSON.stringify({ info, messages }).slice(0, -40_000));
  const { trials, problems } = await readOnly(dir);
  expect(trials.map(({ task, ending, turns }) => [task, ending, turns])).toEqual(
    ['first', 'large', 'last'].map((task) => [task, 'submitted', 3]),
  );
  expect(problems.map(({ path, message }) => [basename(path), message])).toEqual([
    ['torn.traj.json', 'is not valid JSON'],
  ]);
});

it('refuses a folder that is missing, a file, or empty, and says what it wants', async () => {
  put(join(root, 'file.txt'), '');
  mkdirSync(join(root, 'empty'), { recursive: true });
  await expect(readJobFolder(join(root, 'absent'))).rejects.toThrow(InputError);
  await expect(readJobFolder(join(root, 'file.txt'))).rejects.toThrow(/is a file/);
  await expect(readJobFolder(join(root, 'empty'))).rejects.toThrow(/no trial found/);
});
