import { TaskError } from '../../base/errors.js';
import { collectWorkdirFiles } from '../../dataset/upload-files.js';
import type { TaskStep } from '../../dataset/task.js';
import { bash } from '../../sandbox/bash.js';
import { agentLogs, makeLogFolders, verifierLogs } from '../../verifier/log-folders.js';
import { testsPath } from '../../verifier/tests/upload-tests.js';
import { requireUser } from '../steps/require-user.js';
import { waitUntilHealthy } from '../steps/healthcheck.js';
import type { Started } from '../trial-state.js';

const setupLimitMs = 600_000;

/**
 * Makes the environment ready for a step's agent: nothing of the step before in the shell, `/logs/agent`, `/tests` and the
 * verifier's folder; `/solution`, `/logs/artifacts` and the working directory as they were left; the step's own files, its
 * `setup.sh` and its health check.
 */
export function prepareStep(step: TaskStep, { before }: { readonly before: TaskStep | null }) {
  return async (state: Started, signal: AbortSignal): Promise<Started> => {
    const { main } = state.environment;
    const { task } = state.trial.spec;
    if (before !== null) {
      await main.freshShell(step.agent.user);
      // What tests of their own environment left is gone with it.
      const ofTests = before.verifier.separate === null ? [verifierLogs, testsPath] : [];
      for (const folder of [agentLogs, ...ofTests]) await main.remove(folder, signal);
      await makeLogFolders(main, signal);
    }
    if (step.verifier.separate === null) await requireUser(main, step.verifier.user, signal);
    const files = await collectWorkdirFiles(task, step.workdir);
    if (files.length > 0) await main.upload(main.workdir, files, signal);
    const setup = files.some(({ path }) => path === 'setup.sh');
    if (setup) {
      const result = await main.exec(
        bash(main, '. "$0"', [], `${main.workdir.replace(/\/$/, '')}/setup.sh`),
        {
          user: step.agent.user ?? main.user,
          cwd: main.workdir,
          timeoutMs: setupLimitMs,
          signal,
        },
      );
      if (result.exitCode !== 0) {
        const said = (result.stdout + result.stderr).trim().slice(-500);
        throw new TaskError(`step ${step.name}: setup.sh exited with ${result.exitCode}: ${said}`);
      }
    }
    await waitUntilHealthy(main, step.healthcheck, signal);
    return state;
  };
}
