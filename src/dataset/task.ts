import type { NetworkMode } from '../record/network-policy.js';
import type { ComposeSource } from './compose.js';
import type { TaskHealthcheck } from './healthcheck.js';

/**
 * A task: instruction + environment + tests (+ reference solution) + timeouts and resources, whichever
 * format it came from. All times are milliseconds, all sizes bytes; `null` means "the format sets no limit".
 */
export interface Task {
  /** The folder's name; unique in its dataset, e.g. `adaptive-rejection-sampler`. */
  readonly name: string;
  /** Absolute path of the task's folder. */
  readonly dir: string;
  readonly format: 'harbor' | 'terminal-bench-1';
  readonly schemaVersion: string;
  /** Given to the agent verbatim. */
  readonly instruction: string;
  readonly identity: TaskIdentity;
  readonly source: string | null;
  /** Free-form table; `difficulty`, `category` and `tags` are the usual keys. Never interpreted by a run. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly difficulty: string | null;
  readonly category: string | null;
  readonly environment: TaskEnvironment;
  readonly agent: TaskPhase;
  readonly verifier: TaskVerifier;
  readonly solution: TaskSolution;
  readonly artifacts: readonly TaskArtifact[];
  readonly steps: readonly TaskStep[];
  readonly rewardStrategy: 'mean' | 'final';
  /** The `trajectory.json` beside its (first step's) instruction, below `dir`: a conversation that the agent is to carry on. */
  readonly conversation: string | null;
  /** Misspelt keys, deprecated spellings and the like: worth a line, not a refusal. */
  readonly warnings: readonly string[];
  /** Why this task cannot be run as it stands, as `taskRefusals` judges; empty when it can. */
  readonly refusals: readonly string[];
}

/** A task as its format's reader leaves it: whether it can be run is judged afterwards, alike for all formats. */
export type ReadTask = Omit<Task, 'refusals'>;

export interface TaskIdentity {
  /** `org/name`, where the task declares one. */
  readonly name: string | null;
  readonly description: string;
  readonly version: string | null;
  readonly authors: readonly { readonly name: string; readonly email: string | null }[];
  readonly keywords: readonly string[];
}

/** Network as one phase declares it; `mode` null inherits from the environment. */
export interface TaskNetwork {
  readonly mode: NetworkMode | null;
  readonly allowedHosts: readonly string[];
}

export interface TaskEnvironment {
  /** Prebuilt image, used unless a build is forced. */
  readonly dockerImage: string | null;
  /** Absolute path of the build context, when it holds a Dockerfile. */
  readonly buildContext: string | null;
  /** Path of the Dockerfile relative to `buildContext`. */
  readonly dockerfile: string;
  /** Absolute path of the folder whose files go into the working directory of a prebuilt image that nothing is built on. */
  readonly workdirFiles: string | null;
  readonly buildTimeoutMs: number;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly storageBytes: number | null;
  readonly gpus: number;
  readonly gpuTypes: readonly string[];
  readonly tpu: { readonly type: string; readonly topology: string } | null;
  readonly os: 'linux' | 'windows';
  /** Values may still be `${NAME}` or `${NAME:-default}`; `resolveEnv` fills them in at run time. */
  readonly env: Readonly<Record<string, string>>;
  /** Default cwd of commands; null keeps the image's WORKDIR. */
  readonly workdir: string | null;
  readonly healthcheck: TaskHealthcheck | null;
  readonly mcpServers: readonly TaskMcpServer[];
  readonly skillsDir: string | null;
  readonly network: TaskNetwork;
  /** The compose file that defines its services; null for one plain sandbox. */
  readonly compose: ComposeSource | null;
  /** What its compose file asks for that is not done, one line each. */
  readonly unsupported: readonly string[];
}

export interface TaskMcpServer {
  readonly name: string;
  readonly transport: 'stdio' | 'sse' | 'streamable-http';
  readonly url: string | null;
  readonly command: string | null;
  readonly args: readonly string[];
}

export interface TaskPhase {
  readonly timeoutMs: number | null;
  /** User name or id; null is the image's own. */
  readonly user: string | null;
  readonly network: TaskNetwork;
}

export interface TaskVerifier extends TaskPhase {
  readonly env: Readonly<Record<string, string>>;
  /** Where the tests run when not beside what the agent left; null when they do. */
  readonly separate: SeparateVerifier | null;
  readonly collect: readonly TaskCollectHook[];
  /** Absolute paths of the folders copied to `/tests`, a later one over an earlier. */
  readonly testsDirs: readonly string[];
  /** Entry point below `/tests`, run as `bash /tests/<script>`. */
  readonly script: string;
  /**
   * Text that stands for `script` when the format has none of its own in `testsDirs` (Terminal-Bench 1).
   * `collectTestFiles` puts it in place.
   */
  readonly scriptText: string | null;
}

/** A verifier with an environment of its own: of what the agent left only the artifacts reach it. */
export interface SeparateVerifier {
  /** Never merged: `[verifier.environment]` as declared, or all of `[environment]`; with the image that was found for it. */
  readonly environment: TaskEnvironment;
  /** The image carries `/tests` itself: nothing is uploaded. */
  readonly bundled: boolean;
}

export interface TaskCollectHook {
  readonly command: string;
  readonly service: string;
  readonly timeoutMs: number;
  readonly user: string | null;
}

export interface TaskSolution {
  /**
   * Absolute path of the folder copied to `/solution`; null when the task ships no solution.
   * Upload with `collectSolutionFiles`: a Terminal-Bench 1 task's solution lies beside its tests.
   */
  readonly dir: string | null;
  /** Entry point relative to `dir`. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface TaskArtifact {
  readonly source: string;
  readonly destination: string | null;
  readonly service: string | null;
  readonly exclude: readonly string[];
}

/** One step of a multi-step task, what it inherits filled in. */
export interface TaskStep extends Pick<
  Task,
  'instruction' | 'agent' | 'verifier' | 'solution' | 'artifacts'
> {
  /** Its folder in `steps/`. */
  readonly name: string;
  /** Rewards below it end the trial: of the key `reward`, or of every key named. */
  readonly minReward: number | Readonly<Record<string, number>> | null;
  readonly healthcheck: TaskHealthcheck | null;
  /** Absolute path of the folder put into the working directory before the agent; null when there is none. */
  readonly workdir: string | null;
}

/** Whether the oracle has something to run: the task's solution, or one for every step. */
export function shipsSolution({ solution, steps }: Pick<Task, 'solution' | 'steps'>): boolean {
  return steps.length === 0 ? solution.dir !== null : steps.every((step) => step.solution.dir !== null);
}

/** One step as the task of whoever acts in it and verifies it. */
export function stepTask(task: Task, step: TaskStep): Task {
  const { instruction, agent, verifier, solution, artifacts } = step;
  const conversation = task.steps[0]?.name === step.name ? task.conversation : null;
  return { ...task, conversation, instruction, agent, verifier, solution, artifacts, steps: [] };
}

/** A named, versioned set of tasks. */
export interface Dataset {
  /** `tb-lite`, `tb-2.1`, `sample`, or the folder's name. */
  readonly name: string;
  readonly version: string | null;
  /** Absolute path of the folder that holds the task folders. */
  readonly dir: string;
  /** Where it came from (git url and commit), null for a local folder. */
  readonly origin: { readonly url: string; readonly commit: string } | null;
  readonly tasks: readonly Task[];
  /** Things about the set as a whole: tasks missing from the copy, digests that differ, LFS pointers. */
  readonly warnings: readonly string[];
  /** Tasks that could not be loaded, with the reason; the others are still usable. */
  readonly broken: readonly { readonly name: string; readonly error: Error }[];
}

/** What has an agent's and a verifier's time of its own: each step of a task, or the task where it has none. */
export function stepsOrTask<Step>(task: Step & { readonly steps: readonly Step[] }): readonly Step[] {
  return task.steps.length === 0 ? [task] : task.steps;
}
