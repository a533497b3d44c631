import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { openTrialBench } from '../../../test/doubles/trial-bench.js';
import { agentOf } from '../../../test/doubles/trial-tools.js';
import { createNop } from '../../agent/nop.js';
import type { Ending } from '../../record/ending.js';
import { act } from './act.js';
import { leaveShell } from './leave-shell.js';
import { lookBefore } from './look-before.js';
import { verify } from './verify.js';

const { signal } = new AbortController();

describe('lookBefore', () => {
  it('keeps what the verifier saw before the agent', async () => {
    await using bench = await openTrialBench();
    expect((await lookBefore(bench.started, signal)).initial).toEqual({ home: '/root', changedPaths: [] });
  });
});

describe('act', () => {
  it('hands the agent its time under the multiplier, and remembers what it ran', async () => {
    const agent = agentOf(async ({ sandbox, clock }): Promise<Ending> => {
      expect(clock.limitMs).toBe(20_000);
      await sandbox.run('echo one', { timeoutMs: 1_000 });
      return 'submitted';
    });
    const settings = { timeoutMultiplier: 2 };
    await using bench = await openTrialBench({ agent, settings, toml: '[agent]\ntimeout_sec = 10.0\n' });
    const acted = await act(bench.observed, signal);
    expect(acted.act).toMatchObject({ timeoutMs: 20_000, commands: ['echo one'] });
    expect(acted.act.outcome.ending).toBe('submitted');
    expect(bench.observed.warnings).toEqual([]);
  });

  it('keeps the journal, and warns of lines that cannot be read back', async () => {
    await using bench = await openTrialBench({ agent: createNop('0') });
    const { journal } = bench.trial.store.paths;
    await act(bench.observed, signal);
    expect((await readFile(journal, 'utf8')).trim().split('\n')).toHaveLength(2);
    await writeFile(journal, 'torn\n{}\n');
    const { warnings } = await act(bench.observed, signal);
    expect(warnings[0]).toMatch(/^agent\/journal\.jsonl: /);
  });

  it('throws the reason of a cancelled trial', async () => {
    const stop = new AbortController();
    const agent = agentOf(() => {
      stop.abort(new Error('enough'));
      return 'cancelled';
    });
    await using bench = await openTrialBench({ agent });
    await expect(act(bench.observed, stop.signal)).rejects.toThrow('enough');
  });
});

describe('leaveShell', () => {
  it('remembers what an unfinished command left running', async () => {
    const sandbox = new MemorySandbox();
    await using bench = await openTrialBench({ sandbox });
    const running = sandbox.run('sleep 30', { timeoutMs: 60_000 });
    expect((await leaveShell(bench.acted, signal)).killed).toEqual(['2 sleep 30']);
    await running;
  });
});

describe('verify', () => {
  it('tells the verifier what the agent ran and left, under the scaled limit', async () => {
    const toml = '[verifier]\ntimeout_sec = 10.0\n';
    await using bench = await openTrialBench({ toml, settings: { timeoutMultiplier: 3 } });
    let seen: unknown;
    const { verifier } = bench.trial;
    const watched = {
      ...verifier,
      verify: (request: Parameters<typeof verifier.verify>[0]) => {
        seen = { ...request.options, killed: request.killed, commands: request.commands };
        return verifier.verify(request);
      },
    };
    const verified = await verify({ ...bench.placed, trial: { ...bench.trial, verifier: watched } }, signal);
    expect(seen).toMatchObject({ timeoutMs: 30_000, killed: ['7 sleep'], commands: ['ls'] });
    expect(verified.verification.effectiveReward).toBe(1);
    expect(verified.vitals?.state).toBe('running');
  });

  it('keeps a verdict though the counters can no longer be read', async () => {
    const sandbox = new MemorySandbox();
    sandbox.vitals = () => Promise.reject(new Error('gone'));
    await using bench = await openTrialBench({ sandbox });
    const { verification, vitals } = await verify(bench.placed, signal);
    expect([verification.rawReward, vitals]).toEqual([1, null]);
  });
});
