import { z } from 'zod';

/** One thing that a network policy refused, however often. */
export const refusedHostSchema = z.object({
  /** What was going on: `environment`, `agent`, `verifier`. */
  phase: z.string(),
  /** Of a compose file; `main` is where the agent is. */
  service: z.string(),
  /** The name that was asked for, or the address where no name was. */
  host: z.string(),
  port: z.number(),
  protocol: z.string(),
  count: z.number(),
  first_at: z.string(),
  last_at: z.string(),
});

/** `network.json` of a trial: which policy held when, and what it refused. */
export const networkLogSchema = z.object({
  phases: z.array(
    z.object({
      phase: z.string(),
      mode: z.enum(['public', 'no-network', 'allowlist']),
      allowed_hosts: z.array(z.string()),
      from: z.string(),
    }),
  ),
  refused: z.array(refusedHostSchema),
  /** Refusals of further hosts that were counted and not kept. */
  more_refused: z.number(),
});

export type NetworkLog = z.infer<typeof networkLogSchema>;
export type RefusedHost = z.infer<typeof refusedHostSchema>;
