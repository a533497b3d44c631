import { z } from 'zod';

/** One thing that speaks for or against a verdict: `fail` means tampered, `warn` suspicious, `note` noted. */
export const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['note', 'warn', 'fail']),
  path: z.string().optional(),
  detail: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;
