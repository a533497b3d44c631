import type { Evidence } from '../record/evidence/evidence.js';
import type { Task } from '../dataset/task.js';
import type { Finding } from '../record/finding.js';
import type { VerifierSettings } from '../record/run-spec.js';
import type { Verdict } from '../record/verdict.js';
import type { VerifierStatus } from '../record/verifier-status.js';
import type { EnvironmentMaker } from './controls/fresh-environment.js';
import type { InitialScene } from './scene/initial-scene.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Environment } from '../sandbox/environment.js';

export interface VerifierOptions extends VerifierSettings {
  /** The task's verifier timeout after any multiplier; null is unlimited. */
  readonly timeoutMs: number | null;
}

export interface VerifyRequest {
  /** What the agent leaves behind. */
  readonly environment: Environment;
  /** Where a second environment comes from. */
  readonly engine: EnvironmentMaker;
  readonly task: Task;
  readonly initial: InitialScene;
  /** Processes of an unfinished command that were killed when the agent phase ended. */
  readonly killed: readonly string[];
  /** The agent's commands, for traces of a look-up of the task's solution; none when they are not known. */
  readonly commands: readonly string[];
  /** Host folder for test-stdout.txt, reward.txt, ctrf.json and other evidence. */
  readonly outDir: string;
  readonly options: VerifierOptions;
  /** Takes known secrets out of the tests' output before it is written. */
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/** The verdict on one trial and all that it rests on. */
export interface Verification {
  readonly status: VerifierStatus;
  readonly verdict: Verdict;
  /** Rewards as the reward file gives them; null when there is none that can be used. */
  readonly rewards: Readonly<Record<string, number>> | null;
  /** Text of the reward file, bounded. */
  readonly rewardText: string | null;
  readonly rawReward: number | null;
  readonly effectiveReward: number;
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  /** Harbor's exception name and a message when the verifier failed (RewardFileNotFoundError ...). */
  readonly failure: { readonly type: string; readonly message: string } | null;
}

export interface Verifier {
  /** Looks at a sandbox that no agent has been in. */
  before(sandbox: Sandbox, task: Task, signal: AbortSignal): Promise<InitialScene>;
  /** Runs the tests and judges what they and the sandbox show. */
  verify(request: VerifyRequest): Promise<Verification>;
}
