import type { Agent } from '../agent/agent.js';
import type { ClockMode } from '../base/agent-clock.js';
import type { Task } from '../dataset/task.js';
import type { TrialEvent } from '../record/event.js';
import type { AnsweringKind } from '../record/model-kind.js';
import type { PullPolicy, VerifierSettings } from '../record/run-spec.js';
import type { TrialStore } from '../results/trial-store.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import type { LeftTrial } from './resume/claim-file.js';
import type { Verifier } from '../verifier/verifier.js';

/** One attempt to be made, its task loaded: what a `TrialSpec` stands for on the machine that makes it. */
interface LoadedTrialSpec {
  /** `<task>__<attempt>`; also the folder's name. */
  readonly name: string;
  readonly task: Task;
  /** 1-based. */
  readonly attempt: number;
  readonly job: { readonly id: string; readonly name: string };
  readonly source: TrialSource;
}

/** Where the task came from, as it is recorded. */
export interface TrialSource {
  readonly dataset: string;
  readonly origin: { readonly url: string; readonly commit: string } | null;
  /** Package digest, `sha256:...`. */
  readonly digest: string;
  /** dirhash checksum, bare hex: what Harbor stores as `task_checksum`. */
  readonly checksum: string;
}

/** How trials are run; the same for every trial of a job. */
export interface TrialSettings {
  /** Multiplies every timeout of the task (build, agent, verifier). 1 is the published setting. */
  readonly timeoutMultiplier: number;
  readonly clock: ClockMode;
  readonly pull: PullPolicy;
  readonly forceBuild: boolean;
  readonly keepSandboxes: boolean;
  /** The sandbox as its agent left it is kept as an image. */
  readonly keepFinal: boolean;
  /** Sandboxes with a network reach no private ranges. */
  readonly blockPrivate: boolean;
  /** Host variables that tasks may interpolate; nothing else of the host's environment reaches a sandbox. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Environment of the agent's shell, from the harness file. */
  readonly shellEnv: Readonly<Record<string, string>>;
  readonly outputLimits: { readonly head: number; readonly tail: number };
  readonly verifier: VerifierSettings;
  readonly model: { readonly name: string; readonly kind: AnsweringKind } | null;
  /** tbench's own version. */
  readonly version: string;
}

/** Everything a trial needs to be run. */
export interface Trial {
  readonly spec: LoadedTrialSpec;
  readonly settings: TrialSettings;
  readonly engine: ContainerEngine;
  readonly agent: Agent;
  readonly verifier: Verifier;
  readonly store: TrialStore;
  readonly emit: (event: TrialEvent) => void;
  /** Returns when no person has paused the trial; throws the signal's reason when it aborts. */
  readonly hold: (signal: AbortSignal) => Promise<void> | null;
  /** What lets another process go on with the trial, should this one die; without it none can. */
  readonly continuation?: Continuation;
}

export interface Continuation {
  /** Of all that decides what the trial measures: nobody else goes on with it. */
  readonly fingerprint: string;
  /** What a process that died left of this trial; null for a new one. */
  readonly from: LeftTrial | null;
}
