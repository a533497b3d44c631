import { z } from 'zod';

const trials = z.array(z.string().min(1).max(300)).max(1_000);

/** What a person may tell a running job. Without trials it is for the whole job. */
export const controlCommandSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pause'), trials }),
  z.strictObject({ action: z.literal('resume'), trials }),
  z.strictObject({ action: z.literal('cancel'), trials }),
  z.strictObject({
    action: z.literal('set'),
    concurrency: z.union([z.literal('auto'), z.number().int().min(1).max(1_000)]),
  }),
]);
export type ControlCommand = z.infer<typeof controlCommandSchema>;

/** What the job says to it: done, or why not. */
export const controlAnswerSchema = z.strictObject({ done: z.boolean(), text: z.string().max(10_000) });
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** What was done by hand, in a few words. */
export function describeControl(command: ControlCommand): string {
  if (command.action === 'set')
    return `by hand: ${command.concurrency === 'auto' ? 'as many trials as the host has room for' : `${command.concurrency} trials at once`}`;
  const { trials: named } = command;
  const done = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' }[command.action];
  return `${done} by hand${named.length === 0 ? '' : `: ${named.join(', ')}`}`;
}
