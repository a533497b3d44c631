import { z } from 'zod';
import { SandboxError } from '../../base/errors.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { UnreachableError, type ContainerStreams, type ProcessState } from '../container-streams.js';
import { containerArchive } from './container-archive.js';
import { duplexExec, openExec, processAnswer, processState } from './exec-process.js';
import type { SandboxToken } from '../sandbox-token.js';
import type { HostView } from './limits/host-view.js';

const containerState = z.object({
  State: processAnswer.extend({ Status: z.string(), OOMKilled: z.boolean().nullish() }),
});

interface StreamedContainer {
  readonly id: string;
  /** Names it in errors. */
  readonly label: string;
  readonly token: SandboxToken;
  readonly host: HostView;
}

/** The streams of one started container, over the engine's socket. */
export function engineStreams(client: EngineClient, container: StreamedContainer): ContainerStreams {
  const { id, label, token, host } = container;
  return {
    containerId: id,
    token,
    open: (argv, options) => translated(openExec(client, container, argv, options)),
    attach: async (signal) => {
      const query = { stream: '1', stdin: '1', stdout: '1', stderr: '1' };
      const call = { path: `/containers/${id}/attach`, query, signal, what: `attach to sandbox ${label}` };
      const socket = await client.hijack({ method: 'POST', ...call });
      return duplexExec(socket, (inspectSignal) => inspectState(client, container, inspectSignal));
    },
    ...containerArchive(client, container),
    assertAlive: (signal) => translated(assertAlive(client, container, signal)),
    hostRoot: () => host.root(),
    oomKills: () => host.oomKills(),
  };
}

async function inspectState(
  client: EngineClient,
  { id, label }: StreamedContainer,
  signal?: AbortSignal,
): Promise<ProcessState & { readonly status: string; readonly outOfMemory: boolean }> {
  const call = { path: `/containers/${id}/json`, signal, what: `inspect sandbox ${label}` };
  const { State: state } = await client.json({ method: 'GET', ...call }, containerState);
  return {
    ...processState(state),
    status: state.OOMKilled === true ? 'killed by the OOM killer' : state.Status,
    outOfMemory: state.OOMKilled === true,
  };
}

async function assertAlive(
  client: EngineClient,
  container: StreamedContainer,
  signal?: AbortSignal,
): Promise<void> {
  const name = `sandbox ${container.label} (container ${container.id.slice(0, 12)})`;
  const state = await inspectState(client, container, signal).catch((error: unknown) => {
    if (!(error instanceof EngineCallError) || error.status !== 404) throw error;
    throw new SandboxError(`${name} was removed from outside`, { cause: error });
  });
  if (state.running) return;
  // The cgroup that counts the kills may be gone with the container; the engine keeps its own word for it.
  const oomKills = (await container.host.oomKills()) ?? 0;
  const count = oomKills > 0 ? ` (OOM kills: ${oomKills})` : '';
  const reason = oomKills > 0 || state.outOfMemory ? `; its memory limit was hit${count}` : '';
  throw new SandboxError(`${name} is not running any more: ${state.status}${reason}`);
}

/** The shell side knows no engine: it is told only that nobody answers. */
async function translated<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EngineCallError) || !error.isUnreachable) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new UnreachableError(error.message, { ...hint, cause: error });
  }
}
