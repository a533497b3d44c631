import { z } from 'zod';
import { clockModes } from '../base/agent-clock.js';
import { answeringKinds } from './model-kind.js';

/** What `tbench run` does when nobody says otherwise; its help prints these, and a `RunSpec` may leave them out. */
export const runDefaults = {
  datasets: ['tb-lite', 'tb-2.1'],
  /** A file of harness/: its numbers are in harness/tmax.yaml. */
  harness: 'tmax',
  attempts: 3,
  concurrency: 4,
  retries: 2,
  modelConcurrency: 'auto',
  outageLimitMs: 30 * 60_000,
  timeoutMultiplier: 1,
  clock: 'wall',
  pull: 'missing',
  verifierRetries: 1,
  negativeControl: 'off',
  isolated: 'off',
  rewardPrecedence: 'json',
} as const;

/** What acts in the sandboxes: the model's loop, the reference solution, or nothing. */
export const agentKinds = ['model', 'oracle', 'nop'] as const;
export type AgentKind = (typeof agentKinds)[number];

/** The choices of a run's settings, as the command line offers them. */
export const runChoices = {
  clock: clockModes,
  pull: ['missing', 'always', 'never'],
  negativeControl: ['on', 'off', 'sample'],
  isolated: ['auto', 'on', 'off'],
  rewardPrecedence: ['json', 'txt'],
} as const;

const names = z.array(z.string().min(1)).readonly();
const count = z.number().int().positive();
/** Of one task, and parts of a plan: a plan is a list in memory, and a stranger's record may ask for any number. */
const boundedCount = count.max(100_000);
const countOrZero = z.number().int().nonnegative();

/** One of several parts of a job's plan. */
export const shardSchema = z
  .strictObject({ index: boundedCount, of: boundedCount })
  .refine(({ index, of }) => index <= of, 'a shard is one of as many as there are');

const taskSelection = z.strictObject({
  /** Globs that a task's name must match one of; empty takes every task. */
  include: names.default([]),
  /** Globs of tasks to leave out. */
  exclude: names.default([]),
  /** At most this many tasks of each dataset, in order of name; null takes all. */
  limit: count.nullable().default(null),
});

const harnessReference = z.strictObject({
  /** A file of harness/, or the path of one. */
  name: z.string().min(1).default(runDefaults.harness),
  /** `sha256:...` of the file's text. Null takes the file as it is; otherwise another text is refused. */
  digest: z.string().nullable().default(null),
});

const modelSpec = z.strictObject({
  /** As the server lists it, or `replay:DIR`. */
  name: z.string().min(1),
  /** What answers. Null until the model has been opened: only then a recording says which kind it is. */
  kind: z.enum(answeringKinds).nullable().default(null),
  /** Servers, without credentials: a key comes from the surroundings and is stored nowhere. Empty for a replay. */
  baseUrls: z
    .array(z.string().refine(hasNoCredentials, 'a base URL is stored: leave user and password out'))
    .readonly()
    .default([]),
  /** Requests at once at each server; `auto` follows the server's own load figures. */
  concurrency: z.union([z.literal('auto'), count]).default(runDefaults.modelConcurrency),
  /** How long the job waits for a server that went away. */
  outageLimitMs: z.number().positive().default(runDefaults.outageLimitMs),
  /** Whether every request and response is kept in the trial's folder. */
  record: z.boolean().default(false),
});

const agentSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('model'), harness: harnessReference.prefault({}), model: modelSpec }),
  z.strictObject({ kind: z.literal('oracle') }),
  z.strictObject({ kind: z.literal('nop') }),
]);

const trialSettings = z.strictObject({
  /** Multiplies every timeout of the tasks. 1 is the published setting. */
  timeoutMultiplier: z.number().positive().default(runDefaults.timeoutMultiplier),
  /** What the agent's timeout is held against; `working` leaves out request slots and retries. */
  clock: z.enum(runChoices.clock).default(runDefaults.clock),
  pull: z.enum(runChoices.pull).default(runDefaults.pull),
  forceBuild: z.boolean().default(false),
  keepSandboxes: z.boolean().default(false),
  /** The sandbox as its agent left it is kept as an image, for its tests to be run again (`tbench regrade`). */
  keepFinal: z.boolean().default(false),
  /** Sandboxes with a network reach no private ranges (RFC 1918 and its like), only the internet. */
  blockPrivate: z.boolean().default(false),
  /** Names of the host variables that tasks may read. Their values are the machine's, and stored nowhere. */
  passedVariables: names.default([]),
  verifier: z
    .strictObject({
      /** Further runs of tests that did not run at all. */
      retries: countOrZero.default(runDefaults.verifierRetries),
      negativeControl: z.enum(runChoices.negativeControl).default(runDefaults.negativeControl),
      isolated: z.enum(runChoices.isolated).default(runDefaults.isolated),
      /** Which reward file wins when both exist: `json` as Harbor does now, `txt` as it did. */
      rewardPrecedence: z.enum(runChoices.rewardPrecedence).default(runDefaults.rewardPrecedence),
    })
    .prefault({}),
});

/**
 * All that decides what a run is, as plain data: another process or another host can make the same run of it.
 * What belongs to one machine (keys, sockets, folders) is not in it.
 */
export const runSpecSchema = z.strictObject({
  /** Names of datasets, or folders of tasks. One job each. */
  datasets: z.array(z.string().min(1)).min(1).readonly().default(runDefaults.datasets),
  tasks: taskSelection.prefault({}),
  /** Attempts at each task; attempt i of every task is run i. */
  attempts: boundedCount.default(runDefaults.attempts),
  agent: agentSpec,
  /** Trials at once; `auto` is as many as the engine's host has memory and cpus for. */
  concurrency: z.union([z.literal('auto'), count]).default(runDefaults.concurrency),
  /** Further tries of a trial that infrastructure broke. */
  retries: countOrZero.default(runDefaults.retries),
  /** The part of the plan that this run makes, 1-based; the other parts are other runs'. Null makes all of it. */
  shard: shardSchema.nullable().default(null),
  /** Whether the first trial without a verdict ends the run. */
  failFast: z.boolean().default(false),
  /** The same for every trial of the run. */
  trial: trialSettings.prefault({}),
});
export type RunSpec = z.infer<typeof runSpecSchema>;
/** A run as one may ask for it: what is left out has the defaults of `tbench run`. */
export type RunSpecInput = z.input<typeof runSpecSchema>;

export type AgentSpec = RunSpec['agent'];
/** When an image is pulled that is here already, or is not. */
export type PullPolicy = RunSpec['trial']['pull'];
export type VerifierSettings = RunSpec['trial']['verifier'];
export type Shard = z.infer<typeof shardSchema>;
export type ModelSpec = z.infer<typeof modelSpec>;
export type TaskSelection = z.infer<typeof taskSelection>;

function hasNoCredentials(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
