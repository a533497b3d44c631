import type { NamedVolume, ProjectNetwork, ServiceSpec } from '../record/service-spec.js';

/** A compose file that defines an environment, as it lies in the task; read when its variables are known. */
export interface ComposeSource {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** The task's folder: nothing outside is read. */
  readonly taskDir: string;
  /** Services that no rule of a network holds (`cap_add` of NET_RAW or NET_ADMIN). */
  readonly rawServices?: readonly string[];
}

/** What a compose file asks for, its variables filled in. */
export interface ComposeProject {
  /** Every service that is started, `main` among them. */
  readonly services: readonly ComposeService[];
  /** Networks that services are on, by name. */
  readonly networks: readonly ProjectNetwork[];
  readonly volumes: readonly NamedVolume[];
}

export interface ComposeBuild {
  /** Absolute. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
}

export interface ComposeService extends ServiceSpec {
  readonly image: string | null;
  readonly build: ComposeBuild | null;
}
