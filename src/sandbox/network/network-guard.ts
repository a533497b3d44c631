import { startTimer, type Timer } from '../../base/deadline.js';
import { findProgram } from '../connection/host-facts.js';
import type { HostVariables } from '../../base/host-variables.js';
import { isProcessOf } from '../container/limits/host-view.js';
import { applyRules, type RuleTools } from './apply-rules.js';
import type { NetworkOwner } from './inside-network.js';
import { alwaysBlocked, privateRanges } from './blocked-ranges.js';
import { gatewaysOf, hostAddresses, resolversIn } from './host-addresses.js';
import { networkRules } from './network-rules.js';
import type { NetworkPolicy } from '../../record/network-policy.js';
import { SandboxError } from '../../base/errors.js';
import { findGateTools, tryGateRules } from './gate/gate-tools.js';
import { openNetworkGate, type NetworkGate } from './gate/network-gate.js';

/** Keeps sandboxes with a network away from the host they run on. */
export interface NetworkGuard extends Disposable {
  /**
   * Blocks the host's own addresses, the container's gateways and link-local ranges, all private ranges too with
   * `blockPrivate` but for `ownRanges`, the trial's networks; the container's own resolvers go on. Addresses that the host gets later are blocked from then on. Returns why it
   * cannot be done here, or null when it is.
   */
  protect(owner: NetworkOwner, options: GuardOptions): Promise<string | null>;
  /** Why no network policy can be kept here, or null when it can. */
  policyRefusal(engine: { readonly rootless: boolean }): Promise<string | null>;
  /** The gate of an environment with a policy. Throws SandboxError where none can be kept. */
  openGate(policy: NetworkPolicy): NetworkGate;
}

export interface GuardOptions {
  readonly blockPrivate: boolean;
  readonly ownRanges: readonly string[];
  /** See ContainerReport. */
  readonly resolvConfPath: string | null;
  /** The task chose who resolves names: this machine is none of them. */
  readonly choosesResolvers?: boolean;
}

interface Guarded extends GuardOptions {
  readonly resolvers: readonly string[] | null;
}

/** How often the host is asked for addresses it did not have: another network of the engine brings one. */
const lookEveryMs = 2_000;

/** A guard for an engine whose containers are this machine's processes. */
export function openNetworkGuard(env: HostVariables): NetworkGuard {
  const tools = findTools(env);
  const gateTools = findGateTools(env);
  let trial: Promise<string | null> | undefined;
  const guarded = new Map<NetworkOwner, Guarded>();
  let known = '';
  const write = async (
    owner: NetworkOwner,
    { blockPrivate, ownRanges, resolvers, choosesResolvers = false }: Guarded,
    tools: RuleTools,
  ): Promise<string | null> => {
    const addresses = [...(await hostAddresses()), ...(await gatewaysOf(owner.hostPid))];
    const rules = networkRules({
      blocked: alwaysBlocked(addresses),
      blockedElsewhere: blockPrivate ? privateRanges : [],
      allowed: ownRanges,
      resolvers: choosesResolvers ? (resolvers ?? []).filter((one) => !addresses.includes(one)) : resolvers,
    });
    return applyRules(owner, rules, tools);
  };
  const look = async (tools: RuleTools): Promise<void> => {
    const now = [...(await hostAddresses())].sort().join(' ');
    const isNews = now !== known;
    let isWritten = true;
    for (const [owner, options] of guarded) {
      if (!(await isProcessOf(owner.containerId, owner.hostPid))) guarded.delete(owner);
      else if (isNews && (await write(owner, options, tools)) !== null) isWritten = false;
    }
    // What could not be written is tried again at the next look.
    if (isWritten) known = now;
  };
  let timer: Timer | undefined;
  let isOpen = true;
  const lookAgain = (tools: RuleTools): void => {
    if (!isOpen) return;
    timer = startTimer(lookEveryMs, () => void look(tools).finally(() => lookAgain(tools)));
  };
  return {
    protect: async (owner, options) => {
      if (typeof tools === 'string') return tools;
      // Read once, before anything of the image runs: the container may write to this file.
      const own = { ...options, resolvers: await resolversIn(options.resolvConfPath) };
      const refusal = await write(owner, own, tools);
      if (refusal !== null) return refusal;
      guarded.set(owner, own);
      if (timer === undefined) lookAgain(tools);
      return null;
    },
    policyRefusal: (engine) =>
      (trial ??=
        typeof gateTools === 'string' ? Promise.resolve(gateTools) : tryGateRules(gateTools, engine)),
    openGate: (policy) => {
      if (typeof gateTools === 'string') throw cannotKeep(gateTools);
      return openNetworkGate(policy, gateTools);
    },
    [Symbol.dispose]: () => {
      isOpen = false;
      timer?.cancel();
    },
  };
}

/** A guard that says why it is none. */
export function noNetworkGuard(reason: string): NetworkGuard {
  return {
    protect: () => Promise.resolve(reason),
    policyRefusal: () => Promise.resolve(reason),
    openGate: () => {
      throw cannotKeep(reason);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function cannotKeep(reason: string): SandboxError {
  return new SandboxError(`no network policy can be kept here: ${reason}`);
}

function findTools(env: HostVariables): RuleTools | string {
  const [nsenter, nft] = [findProgram('nsenter', env), findProgram('nft', env)];
  if (nft === null) return 'there is no nft here (Debian, Ubuntu: `apt-get install nftables`)';
  return nsenter === null ? 'there is no nsenter here (package util-linux)' : { nsenter, nft };
}
