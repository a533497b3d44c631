import type { NamedVolume, ProjectNetwork, ServiceSpec } from '../../record/service-spec.js';

/** A service with its image, ready to be started. */
export interface Sidecar {
  readonly spec: ServiceSpec;
  readonly image: { readonly reference: string; readonly id: string };
}

/** What an environment has beside its main sandbox. */
export interface ProjectSpec {
  /** What compose says of main itself. */
  readonly main: ServiceSpec;
  readonly sidecars: readonly Sidecar[];
  readonly networks: readonly ProjectNetwork[];
  readonly volumes: readonly NamedVolume[];
}

/** How one service is connected, in the engine's own names. */
export interface Wiring {
  readonly networks: readonly {
    readonly engineName: string;
    readonly aliases: readonly string[];
    /** Given by us where the engine's name service may be missing; null leaves it to the engine. */
    readonly address: string | null;
  }[];
  /** IPv4 ranges of those networks, as far as the engine names them. */
  readonly subnets: readonly string[];
  /** `name:address` of the other services. */
  readonly hosts: readonly string[];
  /** Named volumes → the engine's names. */
  readonly volumes: ReadonlyMap<string, string>;
}
