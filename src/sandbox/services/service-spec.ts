/** A service of an environment that has several, beside or around its main sandbox. Structurally a compose service. */
export interface ServiceSpec {
  readonly name: string;
  /** null keeps the image's. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string | null;
  readonly user: string | null;
  readonly hostname: string | null;
  readonly mounts: readonly ServiceMount[];
  /** Files and folders of this machine that are copied in before it starts. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Empty: it has no network. */
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly dependsOn: readonly {
    readonly service: string;
    readonly condition: 'started' | 'healthy' | 'completed';
    readonly isRequired: boolean;
  }[];
  readonly healthcheck: ServiceHealthcheck | null;
  readonly extraHosts: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly isReadOnly: boolean;
  readonly shmBytes: number | null;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly init: boolean;
  readonly stopSignal: string | null;
  readonly restart: string | null;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
}

export type ServiceMount =
  | {
      readonly kind: 'volume';
      /** null is one of its own. */
      readonly volume: string | null;
      readonly target: string;
      readonly isReadOnly: boolean;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number | null };

export interface ServiceHealthcheck {
  /** null is the image's own test. */
  readonly argv: readonly string[] | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

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
  readonly networks: readonly { readonly name: string; readonly isInternal: boolean }[];
  readonly volumes: readonly string[];
}

/** How one service is connected, in the engine's own names. */
export interface Wiring {
  readonly networks: readonly {
    readonly engineName: string;
    readonly aliases: readonly string[];
    /** Given by us where the engine's name service may be missing; null leaves it to the engine. */
    readonly address: string | null;
  }[];
  /** `name:address` of the other services. */
  readonly hosts: readonly string[];
  /** Named volumes → the engine's names. */
  readonly volumes: ReadonlyMap<string, string>;
}
