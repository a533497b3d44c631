import { z } from 'zod';
import type { EngineInfo } from '../container-engine.js';
import type { EngineClient } from '../connection/engine-client.js';

/** podman reads /proc itself for these; its default runs `ps` inside the container, which may not be there or lie. */
const columns = { podman: 'hpid,args', docker: '-eo pid,args' };

const answer = z.object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())).nullable() });

/** Every process of a container with its pid on the host, PID 1 included. */
export async function containerProcesses(
  engine: { readonly client: EngineClient; readonly info: Pick<EngineInfo, 'name'> },
  container: { readonly id: string; readonly name: string },
  signal?: AbortSignal,
): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const what = `list the processes of sandbox ${container.name}`;
  const query = { stream: 'false', ps_args: columns[engine.info.name] };
  const path = `/containers/${container.id}/top`;
  const table = await engine.client.json({ method: 'GET', path, query, signal, what }, answer);
  const pidAt = Math.max(
    0,
    table.Titles.findIndex((title) => /^H?PID$/.test(title)),
  );
  return (table.Processes ?? []).map((row) => ({
    pid: Number(row[pidAt] ?? NaN),
    command: row
      .filter((_, index) => index !== pidAt)
      .join(' ')
      .trim(),
  }));
}
