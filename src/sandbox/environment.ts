import type { Sandbox, SandboxOwner, SandboxSpec } from './sandbox.js';
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
  /** Removes everything of it, and settles when the engine knows none of it any more. */
  end(): Promise<void>;
}

/** One service beside main: whether it lives, and the end of what it printed. */
export interface ServiceReport extends ServiceState {
  readonly name: string;
  readonly log: string;
}

/** What one sandbox of an environment is made from. */
export type MemberSpec = Omit<SandboxSpec, 'network' | 'blockPrivate' | 'owner' | 'service'>;

/** What to create an environment from. */
export interface EnvironmentSpec {
  readonly network: SandboxSpec['network'];
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
    services: () => Promise.resolve([]),
    end: () => main.end(),
    [Symbol.asyncDispose]: () => main[Symbol.asyncDispose](),
  };
}
