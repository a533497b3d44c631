import type { NetworkLog } from '../record/network-log.js';
import type { NetworkPolicy } from '../record/network-policy.js';
import type { SandboxOwner } from './cleanup/sandbox-owner.js';
import type { NetworkGate } from './network/gate/network-gate.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';
import type { EnvironmentMember, ServiceState } from './services/environment-member.js';
import type { ProjectSpec } from './services/project-spec.js';

/** The sandboxes of one trial: made together by the engine, on one network, and gone together. */
export interface Environment extends AsyncDisposable {
  /** Where the agent acts. */
  readonly main: Sandbox;
  /** Every container by its name, `main` first. */
  readonly sandboxes: ReadonlyMap<string, EnvironmentMember>;
  /** What of its services' limits could not be enforced; main's own stand in its `limits`. */
  readonly warnings: readonly string[];
  /** What became of its services so far; none where it is one sandbox. */
  services(signal?: AbortSignal): Promise<readonly ServiceReport[]>;
  /** Its network policy; null where none is kept. */
  readonly network: EnvironmentNetwork | null;
  /** Removes everything of it, and settles when the engine knows none of it any more. */
  end(): Promise<void>;
}

/** The network policy of an environment, phase by phase. */
export interface EnvironmentNetwork {
  /** In force. */
  readonly policy: NetworkPolicy;
  enter(phase: string, policy: NetworkPolicy): Promise<void>;
  log(): Promise<NetworkLog>;
}

/** One service beside main: whether it lives, and the end of what it printed. */
export interface ServiceReport extends ServiceState {
  readonly name: string;
  readonly log: string;
}

/** What one sandbox of an environment is made from. */
export type MemberSpec = Omit<SandboxSpec, 'network' | 'blockPrivate' | 'gate' | 'owner' | 'service'>;

/** What to create an environment from. */
export interface EnvironmentSpec {
  readonly network: SandboxSpec['network'];
  /** What may be reached at first, kept by a gate; `network` is `none` then. */
  readonly policy?: NetworkPolicy;
  /** As in `SandboxSpec`. */
  readonly blockPrivate?: boolean;
  readonly owner: SandboxOwner;
  readonly main: MemberSpec;
  /** Services, networks and volumes of a compose file. */
  readonly project?: ProjectSpec;
  /** One line at a time: which service is waited for. */
  readonly onProgress?: (line: string) => void;
}

/** An environment of one sandbox. */
export function singleEnvironment(main: Sandbox): Environment {
  return {
    main,
    sandboxes: new Map([['main', main]]),
    warnings: [],
    network: null,
    services: () => Promise.resolve([]),
    end: () => main.end(),
    [Symbol.asyncDispose]: () => main[Symbol.asyncDispose](),
  };
}

/** An environment whose network policy a gate keeps; the gate goes with it. */
export function gatedEnvironment(environment: Environment, gate: NetworkGate): Environment {
  return {
    ...environment,
    network: gate,
    end: async () => {
      await environment.end();
      gate[Symbol.dispose]();
    },
    [Symbol.asyncDispose]: async () => {
      gate[Symbol.dispose]();
      await environment[Symbol.asyncDispose]();
    },
  };
}
