import type { Sandbox, SandboxOwner, SandboxSpec } from './sandbox.js';

/** The sandboxes of one trial: made together by the engine, on one network, and gone together. */
export interface Environment extends AsyncDisposable {
  /** Where the agent acts. */
  readonly main: Sandbox;
  /** Every sandbox by its name, `main` first. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  /** Removes everything of it, and settles when the engine knows none of it any more. */
  end(): Promise<void>;
}

/** What one sandbox of an environment is made from. */
export type MemberSpec = Omit<SandboxSpec, 'network' | 'blockPrivate' | 'owner'>;

/** What to create an environment from. */
export interface EnvironmentSpec {
  readonly network: SandboxSpec['network'];
  /** As in `SandboxSpec`. */
  readonly blockPrivate?: boolean;
  readonly owner: SandboxOwner;
  /** By name, in the order in which they are started: `main`, then its sidecars. */
  readonly sandboxes: { readonly main: MemberSpec } & Readonly<Record<string, MemberSpec>>;
}

type CreateSandbox = (spec: SandboxSpec, signal?: AbortSignal) => Promise<Sandbox>;

/** Starts an environment's sandboxes one after the other. When one fails, those before it are removed again. */
export async function openEnvironment(
  spec: EnvironmentSpec,
  createSandbox: CreateSandbox,
  signal?: AbortSignal,
): Promise<Environment> {
  const { network, blockPrivate = false, owner } = spec;
  const { main: mainSpec, ...sidecars } = spec.sandboxes;
  const main = await createSandbox({ ...mainSpec, network, blockPrivate, owner }, signal);
  const sandboxes = new Map([['main', main]]);
  try {
    for (const [name, member] of Object.entries(sidecars))
      sandboxes.set(name, await createSandbox({ ...member, network, blockPrivate, owner }, signal));
  } catch (error) {
    await disposeAll(sandboxes);
    throw error;
  }
  return {
    main,
    sandboxes,
    end: async () => {
      for (const sandbox of [...sandboxes.values()].reverse()) await sandbox.end();
    },
    [Symbol.asyncDispose]: () => disposeAll(sandboxes),
  };
}

/** The last to be started goes first: a sidecar may need main to take its leave, never the other way round. */
async function disposeAll(sandboxes: ReadonlyMap<string, Sandbox>): Promise<void> {
  for (const sandbox of [...sandboxes.values()].reverse()) await sandbox[Symbol.asyncDispose]();
}
