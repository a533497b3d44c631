import { sleep } from '../../base/deadline.js';
import { TbenchError } from '../../base/errors.js';
import type { TaskHealthcheck } from '../../dataset/healthcheck.js';
import type { Sandbox } from '../../sandbox/sandbox.js';

/** The task's own health check never passed: the environment is not what its author meant. Blame: the task. */
export class HealthcheckError extends TbenchError {
  override readonly code = 'healthcheck';
}

/**
 * Waits until the task's health check passes, with Docker's HEALTHCHECK meaning: failures within the start
 * period do not count, then `retries` failures in a row end the wait. Throws `HealthcheckError`.
 */
export async function waitUntilHealthy(
  sandbox: Sandbox,
  check: TaskHealthcheck | null,
  signal: AbortSignal,
): Promise<void> {
  if (check === null) return;
  const startedAt = performance.now();
  let failures = 0;
  for (;;) {
    const inStartPeriod = performance.now() - startedAt < check.startPeriodMs;
    const result = await sandbox.exec(['/bin/sh', '-c', check.command], {
      user: sandbox.user,
      timeoutMs: check.timeoutMs,
      signal,
    });
    if (result.exitCode === 0 && !result.timedOut) return;
    if (!inStartPeriod) failures += 1;
    if (failures >= Math.max(1, check.retries)) {
      const said = (result.stdout + result.stderr).trim().slice(-500);
      throw new HealthcheckError(
        `health check failed ${failures} times: ${check.command} (exit ${result.exitCode}${result.timedOut ? ', timed out' : ''}) ${said}`,
        {
          hint: 'Run the task by hand with `tbench tasks check --oracle` and look at [environment.healthcheck].',
        },
      );
    }
    await sleep(inStartPeriod ? check.startIntervalMs : check.intervalMs, signal);
  }
}
