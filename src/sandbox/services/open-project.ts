import type { ContainerContext } from '../container/create-container.js';
import type { Environment, EnvironmentSpec, ServiceReport } from '../environment.js';
import { givenUlimits, ownCeilings } from '../container/limits/ulimits.js';
import type { NetworkGate } from '../network/gate/network-gate.js';
import type { Sandbox, SandboxSpec } from '../sandbox.js';
import type { EnvironmentMember } from './environment-member.js';
import { wholeHealthcheck } from './image-healthcheck.js';
import { openProjectResources } from './project-resources.js';
import { startService, type ServiceContainer } from './service-container.js';
import type { ServiceSpec } from '../../record/service-spec.js';
import type { ProjectSpec } from './project-spec.js';
import { startInOrder, type GatedService } from './start-order.js';

export interface CreateOptions {
  readonly signal: AbortSignal | undefined;
  /** Waited for between creation and start. */
  readonly mayStart?: () => Promise<void>;
}

type CreateSandbox = (spec: SandboxSpec, options: CreateOptions) => Promise<Sandbox>;

/** Starts main and its sidecars in the order of their gates. When one fails, what was there before is removed again. */
export async function openProject(
  context: ContainerContext,
  spec: EnvironmentSpec & { readonly project: ProjectSpec },
  {
    createSandbox,
    gate,
    signal,
  }: {
    readonly createSandbox: CreateSandbox;
    readonly gate: NetworkGate | null;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Environment> {
  const { owner, network, blockPrivate = false } = spec;
  const { project, warnings } = context.isLocal
    ? withinCeilings(spec.project)
    : { project: spec.project, warnings: [] };
  const own = { owner, isInternal: network === 'none', signal };
  const resources = await openProjectResources(context, project, own);
  const sidecars = new Map<string, ServiceContainer>();
  let main: Sandbox | null = null;
  const dispose = async (): Promise<void> => {
    for (const member of [...sidecars.values(), main]) await member?.[Symbol.asyncDispose]();
    context.removals.follow((removal) => resources.remove(removal));
  };
  const startMain = async (mayStart: () => Promise<void>): Promise<GatedService> => {
    const service = { spec: project.main, wiring: resources.wiringOf(project.main) };
    const policed = gate === null ? {} : { gate };
    const sandbox = { ...spec.main, service, network, blockPrivate, owner, ...policed };
    main = await createSandbox(sandbox, { signal, mayStart });
    const healthcheck = await wholeHealthcheck(context.client, project.main.healthcheck, spec.main.image);
    return gatedMain(main, project.main.healthcheck?.argv == null ? null : healthcheck);
  };
  try {
    await startInOrder([project.main, ...project.sidecars.map((one) => one.spec)], {
      start: async (service, mayStart) => {
        const sidecar = project.sidecars.find((one) => one.spec === service);
        if (sidecar === undefined) return startMain(mayStart);
        const wiring = resources.wiringOf(service);
        const options = { owner, wiring, blockPrivate, gate, mayStart, signal };
        const started = await startService(context, sidecar, options);
        sidecars.set(service.name, started);
        return started;
      },
      onProgress: spec.onProgress ?? (() => undefined),
      signal,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return projectEnvironment(main, {
    sidecars,
    warnings,
    removeResources: () => resources.remove(),
    dispose,
  });
}

/** The services with ulimits that an engine of this machine can set. */
function withinCeilings(project: ProjectSpec): {
  readonly project: ProjectSpec;
  readonly warnings: readonly string[];
} {
  const ceilings = ownCeilings();
  const warnings: string[] = [];
  const fit = (spec: ServiceSpec): ServiceSpec => {
    const { ulimits, clamped } = givenUlimits(spec.ulimits, ceilings);
    for (const line of clamped) warnings.push(`service ${spec.name}: ${line}`);
    return { ...spec, ulimits };
  };
  const sidecars = project.sidecars.map((sidecar) => ({ ...sidecar, spec: fit(sidecar.spec) }));
  return { project: { ...project, main: fit(project.main), sidecars }, warnings };
}

/** Main has no state and log of its own here: it is the sandbox that the agent is in. */
function gatedMain(main: Sandbox, healthcheck: GatedService['healthcheck']): GatedService {
  return {
    healthcheck,
    exec: (command, options) => main.exec(command, { user: main.user, ...options }),
    state: async (signal) => {
      const { state } = await main.vitals(signal);
      return { isRunning: state === 'running', exitCode: 255, wasKilledForMemory: false };
    },
    log: () => Promise.resolve(''),
  };
}

function projectEnvironment(
  main: Sandbox | null,
  parts: {
    readonly sidecars: ReadonlyMap<string, ServiceContainer>;
    readonly warnings: readonly string[];
    readonly removeResources: () => Promise<void>;
    readonly dispose: () => Promise<void>;
  },
): Environment {
  if (main === null) throw new Error('an environment has a main sandbox');
  const { sidecars, removeResources, dispose } = parts;
  let isOver = false;
  return {
    main,
    sandboxes: new Map<string, EnvironmentMember>([['main', main], ...sidecars]),
    warnings: [
      ...parts.warnings,
      ...[...sidecars.values()].flatMap(({ name, refusal }) =>
        refusal === null
          ? []
          : [`network: the service ${name} can reach this machine's own addresses (${refusal})`],
      ),
    ],
    network: null,
    services: (signal) =>
      Promise.all(
        [...sidecars.values()].map(async (service): Promise<ServiceReport> => {
          const [state, log] = await Promise.all([service.state(signal), service.log(signal)]);
          return { name: service.name, ...state, log };
        }),
      ),
    end: async () => {
      await Promise.all([main, ...sidecars.values()].map((member) => member.end()));
      await removeResources();
      // What failed on the way is removed in the background when the environment is disposed of.
      isOver = true;
    },
    [Symbol.asyncDispose]: async () => {
      if (isOver) return;
      isOver = true;
      await dispose();
    },
  };
}
