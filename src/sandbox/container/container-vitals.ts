import { z } from 'zod';
import type { Container } from './create-container.js';
import { diskUsageOf } from './disk-usage.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { SandboxVitals } from '../sandbox.js';

const answer = z.object({
  State: z.object({ Running: z.boolean(), OOMKilled: z.boolean().nullish() }),
  SizeRw: z.number().nullish(),
});

/** Counters of a container: from the host's cgroup and overlay files where they can be read, else from the engine. */
export async function containerVitals(
  client: EngineClient,
  container: Container,
  signal?: AbortSignal,
): Promise<SandboxVitals> {
  const { id, name, report, host } = container;
  const [oomKills, memoryPeakBytes, throttledMs, isRunning] = await Promise.all([
    host.oomKills(),
    host.memoryPeakBytes(),
    host.throttledMs(),
    host.isRunning(),
  ]);
  const local =
    isRunning === true && report.upperDir !== null
      ? await diskUsageOf([report.upperDir, ...report.volumeDirs], signal)
      : null;
  if (local !== null && oomKills !== null)
    return { state: 'running', oomKills, memoryPeakBytes, throttledMs, diskBytes: local };
  const what = `read the counters of sandbox ${name}`;
  try {
    const query = { size: 'true' };
    const seen = await client.json(
      { method: 'GET', path: `/containers/${id}/json`, query, signal, what },
      answer,
    );
    return {
      state: seen.State.Running ? 'running' : 'stopped',
      oomKills: oomKills ?? (seen.State.OOMKilled === true ? 1 : 0),
      memoryPeakBytes,
      throttledMs,
      diskBytes: local ?? seen.SizeRw ?? null,
    };
  } catch (error) {
    if (!(error instanceof EngineCallError) || error.status !== 404) throw error;
    return { state: 'gone', oomKills: oomKills ?? 0, memoryPeakBytes, throttledMs, diskBytes: null };
  }
}
