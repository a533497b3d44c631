import type { AgentOutcome } from '../agent/agent.js';
import type { ClockReading } from '../base/agent-clock.js';
import type { Image } from '../sandbox/container-engine.js';
import type { Environment } from '../sandbox/environment.js';
import type { SandboxVitals } from '../sandbox/sandbox.js';
import type { InitialScene } from '../verifier/scene/initial-scene.js';
import type { Verification } from '../verifier/verifier.js';
import type { Resumption } from '../record/resumption.js';
import type { EnvironmentImages } from './environment/environment-images.js';
import type { PlannedArtifact } from './artifacts/artifact-plan.js';
import type { StepTime } from './step-time.js';
import type { VerifierImages } from './verifier-images.js';
import type { Trial } from './trial.js';

/**
 * What is known of a trial before its first step. A state is never changed: each step gives a new one that knows
 * more, and its type says which steps must have come before.
 */
export interface Begun {
  readonly trial: Trial;
  readonly startedAt: string;
  /** Every step so far, in order; also those that failed. */
  readonly times: readonly StepTime[];
  /** What a reader of the result should know. */
  readonly warnings: readonly string[];
  /** Of a task that has several; null otherwise. */
  readonly step: string | null;
  /** No other agent follows in this environment. */
  readonly isLast: boolean;
}

/** The images of the agent's environment are there. */
export interface WithImage extends Begun {
  readonly images: EnvironmentImages;
  /** Main's. */
  readonly image: Image;
}

/** The sandboxes run. */
export interface Started extends WithImage {
  readonly environment: Environment;
  /** The images of separate verifiers, on their way meanwhile. */
  readonly verifierImages: VerifierImages;
}

/** What the sandboxes looked like before the agent is known. */
export interface Observed extends Started {
  readonly initial: InitialScene;
}

/** The agent has had its time. */
export interface Acted extends Observed {
  readonly act: Act;
}

/** What the agent did, and within which time. */
export interface Act {
  readonly outcome: AgentOutcome;
  readonly clock: ClockReading;
  /** Null is no limit. */
  readonly timeoutMs: number | null;
  /** When another process went on with it. */
  readonly resumed: readonly Resumption[];
  /** What it ran, for the verifier. */
  readonly commands: readonly string[];
}

/** The agent's shell is closed; its services stay. */
export interface Left extends Acted {
  /** Processes of an unfinished command that were ended. */
  readonly killed: readonly string[];
}

/** What the task wants kept lies on the host. */
export interface Collected extends Left {
  readonly artifacts: readonly PlannedArtifact[];
}

/** Where the tests run is there: what the agent left, or an environment of their own that the artifacts are in. */
export interface Placed extends Collected {
  readonly testbed: Environment;
  /** What the testbed looked like before the agent, or before the artifacts came. */
  readonly testbedBefore: InitialScene;
  /** Of the agent's sandbox at its end; null while it is there, or when it could not tell. */
  readonly lastVitals: SandboxVitals | null;
}

/** The tests have been run and judged. */
export interface Verified extends Placed {
  readonly verification: Verification;
  /** Of the agent's sandbox; null when it could not tell any more. */
  readonly vitals: SandboxVitals | null;
}

/** A trial at whatever step it is. */
export type TrialState = Begun & Partial<Omit<Verified, keyof Begun>>;

/** The state before the first step. */
export function begin(trial: Trial): Begun {
  return { trial, startedAt: new Date().toISOString(), times: [], warnings: [], step: null, isLast: true };
}
