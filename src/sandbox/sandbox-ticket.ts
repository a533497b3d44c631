import { z } from 'zod';
import { shellTicketSchema } from './shell/heritage/shell-ticket.js';

/**
 * What another process needs to go on in a sandbox whose own died, as plain data. The token, which nobody but its maker and PID 1
 * has, proves that it is the right one. What was looked up before the agent is in it: an agent could have changed it since.
 */
export const sandboxTicketSchema = z.strictObject({
  container: z.strictObject({ id: z.string().regex(/^[0-9a-f]{12,64}$/), name: z.string() }),
  token: z.string().regex(/^[0-9a-f]{32}$/),
  image: z.strictObject({ reference: z.string(), id: z.string() }),
  image_user: z.string(),
  bash_path: z.string().nullable(),
  /** `AppliedLimits`, as they were read back at its start. */
  limits: z.looseObject({}),
  shell: shellTicketSchema,
});
export type SandboxTicket = z.infer<typeof sandboxTicketSchema>;
