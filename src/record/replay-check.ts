import { z } from 'zod';

const reward = z.number().nullable();

/** `replay-check.json` of a job: what came of its recorded turns when they were played again. One entry a replay. */
export const replayCheckSchema = z.strictObject({
  kind: z.literal('tbench-replay-check'),
  schema_version: z.literal(1),
  replays: z
    .array(
      z.strictObject({
        /** Folder of the replay's job, beside the recorded one. */
        job: z.string(),
        at: z.string(),
        tbench_version: z.string(),
        trials: z
          .array(
            z.strictObject({
              trial: z.string(),
              task: z.string(),
              /** What the headline counts; null without a verdict. */
              recorded: reward,
              replayed: reward,
              /** Turns whose commands printed something else than was recorded. */
              diverged: z.number().int().nonnegative(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
});
export type ReplayCheck = z.infer<typeof replayCheckSchema>;
export type Replay = ReplayCheck['replays'][number];
export type ReplayedTrial = Replay['trials'][number];
