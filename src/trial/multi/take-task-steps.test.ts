import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTrialBench, type TrialParts } from '../../../test/doubles/trial-bench.js';
import { agentOf, verifierOf } from '../../../test/doubles/trial-tools.js';
import type { Task, TaskStep } from '../../dataset/task.js';
import type { Ending } from '../../record/ending.js';
import { SandboxError } from '../../base/errors.js';
import { runTrial } from '../run-trial.js';

const { signal } = new AbortController();

function withSteps(...steps: readonly Partial<TaskStep>[]): (task: Task) => Task {
  return (task) => {
    const { agent, verifier, solution, artifacts, instruction } = task;
    const whole = { agent, verifier, solution, artifacts, instruction };
    const rest = { minReward: null, healthcheck: null, workdir: null };
    return {
      ...task,
      steps: steps.map((step, index) => ({ name: `s${index + 1}`, ...whole, ...rest, ...step })),
    };
  };
}

async function run(parts: TrialParts) {
  await using bench = await openTrialBench(parts);
  const { result, failure } = await runTrial(bench.trial, signal);
  const { dir } = bench.trial.store.paths;
  const log = await readFile(bench.trial.store.paths.log, 'utf8');
  return {
    result,
    failure,
    log,
    entries: (await readdir(dir)).sort(),
    steps: await readdir(join(dir, 'steps')),
  };
}

describe('a trial of several steps', () => {
  it('gives each its own instruction, folder and verdict, and the mean as its reward', async () => {
    const told: string[] = [];
    const agent = agentOf(({ task }): Ending => (told.push(task.instruction), 'submitted'));
    const done = await run({ agent, task: withSteps({ instruction: 'first' }, { instruction: 'second' }) });
    expect(told).toEqual(['first', 'second']);
    expect(done.steps).toEqual(['s1', 's2']);
    expect(done.entries).not.toContain('agent');
    expect(done.log).toMatch(/s1: agent \d+ ms[^]*s2: agent \d+ ms/);
    const { result } = done;
    expect(result.step_results?.map(({ step_name: name }) => name)).toEqual(['s1', 's2']);
    expect(result.step_results?.[1]?.integrity?.verdict).toBe('clean');
    expect([result.agent_result, result.exception_info, result.verifier]).toEqual([null, null, null]);
    expect(result.verifier_result).toEqual({ rewards: { reward: 1 } });
    expect(result.integrity).toMatchObject({ status: 'completed', verdict: 'clean', evidence: null });
  });

  it('ends at a step that misses what it demands, and says what was not begun', async () => {
    const { result } = await run({ verifier: verifierOf(0.4), task: withSteps({ minReward: 0.5 }, {}) });
    expect(result.step_results).toHaveLength(1);
    expect(result.tbench.warnings).toEqual(['not begun: step s2; the mean is over the others, as in Harbor']);
    expect(result.verifier_result).toEqual({ rewards: { reward: 0.4 } });
  });

  it('measures nothing when infrastructure breaks a step, whatever the steps before gave', async () => {
    let runs = 0;
    const verifier = verifierOf(1);
    const breaking = {
      ...verifier,
      verify: (request: Parameters<typeof verifier.verify>[0]) =>
        ++runs === 2 ? Promise.reject(new SandboxError('engine gone')) : verifier.verify(request),
    };
    const { result, failure } = await run({ verifier: breaking, task: withSteps({}, {}) });
    expect([failure?.blame, result.tbench.blame]).toEqual(['infrastructure', 'infrastructure']);
    expect([result.verifier_result, result.integrity]).toEqual([null, null]);
    expect(result.exception_info?.exception_type).toBe('SandboxError');
    expect(result.step_results?.[0]?.verifier_result).toEqual({ rewards: { reward: 1 } });
  });

  it('goes on after an agent whose time was up, whose step is verified', async () => {
    const { result } = await run({ agent: agentOf(() => 'agent-timeout'), task: withSteps({}, {}) });
    expect(result.step_results?.map(({ exception_info: info }) => info?.exception_type)).toEqual([
      'AgentTimeoutError',
      'AgentTimeoutError',
    ]);
    expect(result.exception_info).toBeNull();
  });
});
