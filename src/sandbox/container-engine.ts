import type { PullPolicy } from '../record/run-spec.js';
import type { Environment, EnvironmentSpec } from './environment.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';
import type { SandboxTicket } from './sandbox-ticket.js';

/** Where a sandbox's image comes from: a reference to pull, or a build context, or both (build forced). */
export interface ImageSource {
  /** Reference to pull; null when the image is built. */
  readonly reference: string | null;
  /** Absolute path of the folder with the Dockerfile; null when there is nothing to build. */
  readonly buildContext: string | null;
  readonly dockerfile: string;
  /** The stage of the Dockerfile to stop at; null is the last. */
  readonly target?: string | null;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly buildTimeoutMs: number;
}

export interface ImageOptions {
  readonly pull: PullPolicy;
  readonly forceBuild: boolean;
  readonly signal?: AbortSignal;
  /** One line at a time: pull or build progress. */
  readonly onProgress?: (line: string) => void;
  /** Told what a reader of the record should know of how it was made. */
  readonly onWarning?: (line: string) => void;
}

export interface Image {
  readonly reference: string;
  /** `sha256:...` of the image's config. */
  readonly id: string;
  /** Manifest digest where the registry gave one. */
  readonly digest: string | null;
  /** What a built image stands on, as `name@sha256:...`, where that is known. */
  readonly base?: string | null;
}

/** What `tbench doctor` shows and every job record keeps. */
export interface EngineInfo {
  readonly name: 'podman' | 'docker';
  readonly version: string;
  readonly socket: string;
  /** True when tbench started the engine's service itself. */
  readonly ownService: boolean;
  readonly rootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly cgroupVersion: string;
  readonly runtime: string;
  /** Folder on the engine's host that images and containers fill; null when it does not say. */
  readonly storageDir: string | null;
}

/** A container engine behind a Docker-compatible socket. */
export interface ContainerEngine extends AsyncDisposable {
  readonly info: EngineInfo;
  /** Pulls or builds once, one at a time per image even across processes; kept afterwards. */
  ensureImage(source: ImageSource, options: ImageOptions): Promise<Image>;
  /** The sandboxes of a trial: what tasks are run in. */
  createEnvironment(spec: EnvironmentSpec, signal?: AbortSignal): Promise<Environment>;
  /** Why no network policy can be kept here, or null when it can. */
  policyRefusal(): Promise<string | null>;
  /**
   * An environment of one sandbox that a process before this one made and left running. Throws SandboxError when the sandbox is
   * gone, or is not the one that the ticket and the owner say.
   */
  adoptEnvironment(ticket: SandboxTicket, spec: EnvironmentSpec, signal?: AbortSignal): Promise<Environment>;
  /** One sandbox by itself. */
  createSandbox(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;
  removeImage(reference: string): Promise<void>;
  /** Bytes of an image as the engine lists it: layers that images share count in each. */
  imageBytes(id: string): Promise<number>;
  /**
   * Removes containers that dead tbench processes left behind, those that the user wanted kept only with `kept`. Returns
   * their names.
   */
  sweep(options?: { readonly kept?: boolean }): Promise<readonly string[]>;
}
