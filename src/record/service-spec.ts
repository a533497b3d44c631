/** A service of an environment that has several, whatever file it was read from. */
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
  /** null is switched off. */
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

export interface ServiceHealthcheck extends HealthTimes {
  /** null is the image's own test, if it has one. */
  readonly argv: readonly string[] | null;
}

/** When a check is made and what counts, with the meaning of Docker's HEALTHCHECK. */
export interface HealthTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures within it do not count. */
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  /** Failures in a row that end the wait. */
  readonly retries: number;
}

/** Whether a service may write packets of its own making, which no rule of its network namespace sees. */
export function writesPackets({ capAdd }: Pick<ServiceSpec, 'capAdd'>): boolean {
  return capAdd.some((name) => /^(?:CAP_)?NET_RAW$/i.test(name));
}
