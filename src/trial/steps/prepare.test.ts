import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { openTrialBench } from '../../../test/doubles/trial-bench.js';
import type { ExecOptions } from '../../sandbox/sandbox.js';
import { HealthcheckError } from './healthcheck.js';
import { prepare } from './prepare.js';

const { signal } = new AbortController();

/** A sandbox that remembers which folders were made and how harness commands were run. */
function recording(): { sandbox: MemorySandbox; made: string[]; runs: [string, string | undefined][] } {
  const sandbox = new MemorySandbox({ script: () => ({ output: '', exitCode: 0 }) });
  const made: string[] = [];
  const runs: [string, string | undefined][] = [];
  const exec = sandbox.exec.bind(sandbox);
  sandbox.upload = (dir) => Promise.resolve(void made.push(dir));
  sandbox.exec = (argv: readonly string[], options: ExecOptions) => {
    runs.push([argv.join(' '), options.user]);
    return exec(argv, options);
  };
  return { sandbox, made, runs };
}

describe('prepare', () => {
  it('makes the log folders, and runs nothing for that', async () => {
    const { sandbox, made, runs } = recording();
    await using bench = await openTrialBench({ sandbox });
    await prepare(bench.started, signal);
    expect(made.sort()).toEqual(['/logs/agent', '/logs/artifacts', '/logs/verifier']);
    expect(runs).toEqual([]);
  });

  it("fails when the task's health check does", async () => {
    const sandbox = new MemorySandbox({ script: () => ({ output: '', exitCode: 1 }) });
    const toml = '[environment.healthcheck]\ncommand = "ready"\nretries = 1\n';
    await using bench = await openTrialBench({ sandbox, toml });
    await expect(prepare(bench.started, signal)).rejects.toThrow(HealthcheckError);
  });
});
