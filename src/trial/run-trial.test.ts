import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../test/doubles/memory-sandbox.js';
import { openTrialBench, type TrialParts } from '../../test/doubles/trial-bench.js';
import { agentOf, verifierOf } from '../../test/doubles/trial-tools.js';
import { CancelledError, SandboxError } from '../base/errors.js';
import type { Ending } from '../record/ending.js';
import { runTrial } from './run-trial.js';
import { StorageLimitReached } from './steps/watch-storage.js';

const { signal } = new AbortController();
const phases = ['image', 'sandbox', 'health', 'scene', 'agent', 'leave', 'artifacts', 'verifier'];

async function run(parts: TrialParts = {}) {
  await using bench = await openTrialBench(parts);
  const outcome = await runTrial(bench.trial, signal);
  const taken = bench.events.flatMap((event) => (event.kind === 'trial-phase' ? [event.phase] : []));
  const log = await readFile(bench.trial.store.paths.log, 'utf8');
  const exception = await readFile(bench.trial.store.paths.exception, 'utf8').catch(() => null);
  return { ...outcome, taken, log, exception };
}

const broken = { ...verifierOf(1), verify: () => Promise.reject(new SandboxError('engine gone')) };

describe('runTrial', () => {
  it('takes every step in order, timed and logged, and ends in an outcome', async () => {
    const { result, failure, taken, log, exception } = await run();
    expect(taken).toEqual(phases);
    expect(Object.keys(result.tbench.phases_ms)).toEqual(phases);
    for (const phase of phases) expect(log).toMatch(new RegExp(` ${phase} \\d+ ms`));
    expect([failure, exception, result.exception_info, result.tbench.blame]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(result.verifier_result).toEqual({ rewards: { reward: 1 } });
    expect(result.integrity?.verdict).toBe('clean');
    expect(result.environment_setup?.started_at).toBeDefined();
  });

  it('leaves the tests out after an ending that measured nothing about the model', async () => {
    const { taken, result } = await run({ agent: agentOf(() => 'model-error') });
    expect(taken).toEqual(phases.slice(0, 6));
    expect([result.verifier_result, result.verifier, result.integrity]).toEqual([null, null, null]);
  });

  it('blames infrastructure for an agent that an error ended, and keeps what it did until then', async () => {
    const agent = agentOf(() => 'sandbox-error');
    const ended: typeof agent = {
      ...agent,
      run: async (context) => ({ ...(await agent.run(context)), error: new SandboxError('gone') }),
    };
    const { result, failure, taken, exception } = await run({ agent: ended });
    expect(failure?.blame).toBe('infrastructure');
    expect(result.tbench.ending).toBe('sandbox-error');
    expect(result.tbench.clock?.limit_ms).toBeGreaterThan(0);
    expect(taken.at(-1)).toBe('agent');
    expect(exception).toMatch(/^SandboxError: gone/);
  });

  it('verifies an agent whose time was up, and tells that as the failure', async () => {
    const { result } = await run({ agent: agentOf(() => 'agent-timeout') });
    expect(result.exception_info?.exception_type).toBe('AgentTimeoutError');
    expect([result.tbench.blame, result.integrity?.raw_reward]).toEqual(['model', 1]);
  });

  it('never makes the infrastructure’s failure a 0 of a model whose time was up', async () => {
    const { result, failure } = await run({ agent: agentOf(() => 'agent-timeout'), verifier: broken });
    expect([failure?.blame, result.tbench.blame]).toEqual(['infrastructure', 'infrastructure']);
    expect([result.tbench.ending, result.verifier_result]).toEqual(['agent-timeout', null]);
    expect(result.tbench.phases_ms).toHaveProperty('verifier');
  });

  it('calls the ending of an agent that wrote too much by its name', async () => {
    const sandbox = new MemorySandbox();
    sandbox.vitals = () =>
      Promise.resolve({ state: 'running', oomKills: 0, memoryPeakBytes: null, diskBytes: 2 ** 40 });
    const agent = agentOf(async ({ clock }): Promise<Ending> => {
      await new Promise((resolve) => clock.signal.addEventListener('abort', resolve));
      expect(clock.signal.reason).toBeInstanceOf(StorageLimitReached);
      return 'cancelled';
    });
    const { result } = await run({ sandbox, agent, toml: 'storage = "1G"\n' });
    expect(result.tbench.ending).toBe('storage-limit');
    expect(result.exception_info?.exception_type).toBe('StorageLimitError');
  }, 15_000);

  it('removes its environment whatever happens', async () => {
    let disposed = 0;
    const sandbox = new MemorySandbox();
    sandbox[Symbol.asyncDispose] = () => Promise.resolve(void (disposed += 1));
    await run({ sandbox, verifier: broken });
    expect(disposed).toBe(1);
  });

  it('throws when it is cancelled, and records nothing as failed', async () => {
    const stop = new AbortController();
    const agent = agentOf(() => {
      stop.abort(new Error('Ctrl-C'));
      return 'cancelled';
    });
    await using bench = await openTrialBench({ agent });
    await expect(runTrial(bench.trial, stop.signal)).rejects.toThrow(CancelledError);
    await expect(readFile(bench.trial.store.paths.exception)).rejects.toThrow();
  });
});
