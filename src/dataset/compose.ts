import type { TaskHealthcheck } from './healthcheck.js';

/** A compose file that defines an environment, as it lies in the task; read when its variables are known. */
export interface ComposeSource {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** The task's folder: nothing outside is read. */
  readonly taskDir: string;
}

/** What a compose file asks for, its variables filled in. */
export interface ComposeProject {
  /** Every service that is started, `main` among them. */
  readonly services: readonly ComposeService[];
  /** Networks that services are on, by name. */
  readonly networks: readonly { readonly name: string; readonly isInternal: boolean }[];
  /** Named volumes. */
  readonly volumes: readonly string[];
}

export interface ComposeBuild {
  /** Absolute. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
}

export type ComposeMount =
  | {
      readonly kind: 'volume';
      readonly volume: string | null;
      readonly target: string;
      readonly isReadOnly: boolean;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number | null };

export interface ComposeService {
  readonly name: string;
  readonly image: string | null;
  readonly build: ComposeBuild | null;
  /** null keeps the image's. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string | null;
  readonly user: string | null;
  readonly hostname: string | null;
  readonly mounts: readonly ComposeMount[];
  /** Files and folders of the task that are there before the service starts: binds, secrets, configs. `source` is absolute. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Empty: it has no network. */
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly dependsOn: readonly {
    readonly service: string;
    readonly condition: 'started' | 'healthy' | 'completed';
    readonly isRequired: boolean;
  }[];
  /** With `argv` null the image's own test at these times, if it has one; null is switched off. */
  readonly healthcheck:
    (Omit<TaskHealthcheck, 'command'> & { readonly argv: readonly string[] | null }) | null;
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
