import type { EngineInfo } from '../container-engine.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { NetworkGuard } from '../network/network-guard.js';
import { passesRules } from '../../record/service-spec.js';
import type { SandboxSpec } from '../sandbox.js';
import type { StartedReach } from './limits/applied-limits.js';
import { inspectContainer } from './container-report.js';

interface StartContext {
  readonly client: EngineClient;
  readonly info: Pick<EngineInfo, 'name'>;
  readonly network: NetworkGuard;
}

/**
 * Makes a created container ready to start, its network guarded, and returns what starts it. podman sets the network up before the first process of the image
 * runs, so the rules are there before it; elsewhere they are there before the first command of an agent, and the image's
 * ENTRYPOINT may have run a moment without them.
 */
export async function readyToStart(
  context: StartContext,
  container: { readonly id: string; readonly name: string; readonly service: string },
  spec: Pick<SandboxSpec, 'network' | 'blockPrivate' | 'gate'> & {
    readonly ownRanges: readonly string[];
    readonly capAdd: readonly string[];
    readonly choosesResolvers: boolean;
  },
): Promise<() => Promise<StartedReach>> {
  const { client, network } = context;
  const { id, name, service } = container;
  const { blockPrivate = false, ownRanges, gate, capAdd, choosesResolvers } = spec;
  const hasNetwork = spec.network !== 'none';
  let isAttached = false;
  const protect = async (): Promise<string | null> => {
    const report = await inspectContainer(client, id, `inspect the sandbox ${name}`);
    const { hostPid, resolvConfPath } = report;
    const owner = { containerId: id, hostPid };
    if (!isAttached) await gate?.attach(owner, { service, ownRanges, blockPrivate });
    isAttached = true;
    return hasNetwork
      ? network.protect(owner, { blockPrivate, ownRanges, resolvConfPath, choosesResolvers })
      : null;
  };
  const isGuarded = hasNetwork || gate !== undefined;
  const isReady = isGuarded && (await setUp(context, container));
  const early = isReady ? await protect() : 'not tried yet';
  return async () => {
    await client.send({ method: 'POST', path: `/containers/${id}/start`, what: `start the sandbox ${name}` });
    if (!isGuarded) return { reach: 'none', refusal: null };
    const kept = early === null ? null : await protect();
    const [passing] = passesRules({ capAdd });
    const refusal = passing === undefined ? kept : `${passing} lets it pass by the rules`;
    if (gate !== undefined) return { reach: 'policy', refusal };
    if (refusal !== null) return { reach: 'all', refusal };
    return { reach: blockPrivate ? 'no-private' : 'no-host', refusal };
  };
}

/** Has podman make the container's namespaces without running anything in it. False where the engine knows no such call. */
async function setUp(
  { client, info }: StartContext,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<boolean> {
  if (info.name !== 'podman') return false;
  try {
    const path = `/v4.0.0/libpod/containers/${id}/init`;
    await client.send({ method: 'POST', path, what: `set up the sandbox ${name}` });
    return true;
  } catch (error) {
    if (error instanceof EngineCallError && (error.status === 404 || error.status === 400)) return false;
    throw error;
  }
}
