import { z } from 'zod';
import { controlCommandSchema } from './control-command.js';
import { trialEndSchema } from './trial-end.js';
import { trialPhases } from './trial-phase.js';

const trial = z.string();
const count = z.number().int().nonnegative();

/** What can be seen of a trial while it runs. */
export const trialEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trial-phase'), trial, phase: z.enum(trialPhases) }),
  z.object({
    kind: z.literal('trial-turn'),
    trial,
    /** After a turn; turn 0 is before the first. */
    progress: z.object({
      turn: count,
      /** Of the context after this turn, and how many there may be. */
      contextTokens: count,
      contextLimit: count.nullish(),
      /** Of all turns, where the server counts. */
      outputTokens: count.nullish(),
      /** What counts of the agent's time, and how much there is; absent before 0.2. */
      spentMs: z.number().nullish(),
      limitMs: z.number().nullish(),
    }),
  }),
  /** A line of a pull or a build: for the live display and the log, too many to print. */
  z.object({ kind: z.literal('trial-detail'), trial, text: z.string() }),
  z.object({ kind: z.literal('trial-note'), trial, text: z.string() }),
]);
export type TrialEvent = z.infer<typeof trialEventSchema>;

/** What can be seen of a job while it runs; display, job.log and the job's result.json are made from nothing else. */
export const jobEventSchema = z.discriminatedUnion('kind', [
  /** `reused` trials were done by an earlier start; a `trial-reused` for each of them follows. */
  z.object({ kind: z.literal('job-start'), job: z.string(), total: count, reused: count }),
  z.object({ kind: z.literal('job-note'), text: z.string() }),
  z.object({ kind: z.literal('trial-reused'), end: trialEndSchema }),
  z.object({ kind: z.literal('trial-start'), trial, task: z.string(), attempt: z.number().int().positive() }),
  z.object({ kind: z.literal('trial-retry'), trial, tries: count, reason: z.string() }),
  z.object({ kind: z.literal('trial-end'), end: trialEndSchema }),
  z.object({ kind: z.literal('trial-cancelled'), trial }),
  /** A person changed something of the running job. */
  z.object({ kind: z.literal('job-control'), command: controlCommandSchema }),
  z.object({ kind: z.literal('job-end'), job: z.string() }),
  ...trialEventSchema.options,
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

/** A line of a job's events.jsonl: the event and when it happened, ISO 8601 in UTC. */
export const eventLineSchema = z.intersection(z.object({ at: z.string() }), jobEventSchema);
export type EventLine = z.infer<typeof eventLineSchema>;
