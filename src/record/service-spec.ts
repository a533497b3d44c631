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
  readonly files: readonly ServiceFile[];
  /** Empty: it has no network. */
  readonly networks: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    /** One that it chooses itself, in the range of its network; null leaves it to us. */
    readonly address: string | null;
  }[];
  readonly dependsOn: readonly {
    readonly service: string;
    readonly condition: 'started' | 'healthy' | 'completed';
    readonly isRequired: boolean;
  }[];
  /** null is switched off. */
  readonly healthcheck: ServiceHealthcheck | null;
  readonly extraHosts: readonly string[];
  /** Who resolves its names; without servers that is the engine's choice. */
  readonly dns: {
    readonly servers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly isReadOnly: boolean;
  readonly shmBytes: number | null;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly init: boolean;
  readonly stopSignal: string | null;
  /** Between its stop signal and its end when it is stopped; null ends it at once. */
  readonly stopGraceMs: number | null;
  /** Its standard input stays open, and it has a terminal. */
  readonly stdinOpen: boolean;
  readonly tty: boolean;
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
  /** `options` as the engine takes them: `size=…,mode=…`. */
  | { readonly kind: 'tmpfs'; readonly target: string; readonly options: string };

export interface ServiceFile {
  /** null is an empty folder. */
  readonly source: string | null;
  readonly target: string;
  /** Permission bits; null keeps the source's. */
  readonly mode: number | null;
  readonly uid: number;
  readonly gid: number;
}

/** A test of health; what is null is the image's own, if it has one. */
export type ServiceHealthcheck = { readonly [key in keyof HealthTimes]: HealthTimes[key] | null } & {
  readonly argv: readonly string[] | null;
};

/** A test of health with everything filled in. */
export interface WholeHealthcheck extends HealthTimes {
  readonly argv: readonly string[];
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

/** A capability without the prefix that it may be written with. */
export function capabilityName(written: string): string {
  return written.toUpperCase().replace(/^CAP_/, '');
}

/** Capabilities of a service by which it passes the rules of its network: packets of its own making, and the rules' removal. */
export function passesRules({ capAdd }: Pick<ServiceSpec, 'capAdd'>): readonly string[] {
  return capAdd.map(capabilityName).filter((name) => /^NET_(?:RAW|ADMIN)$/.test(name));
}

/** A network of an environment. */
export interface ProjectNetwork {
  readonly name: string;
  readonly isInternal: boolean;
  /** The IPv4 range that its file chooses; null leaves it to the engine. */
  readonly range: { readonly subnet: string; readonly gateway: string | null } | null;
}

/** A volume of an environment, by the name that its services' mounts have for it. */
export interface NamedVolume {
  readonly name: string;
  /** A folder of this machine that it begins with a copy of; null begins empty. */
  readonly source: string | null;
}
