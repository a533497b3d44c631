import { z } from 'zod';
import type { ShellState } from '../payload.js';

const bytes = z.base64();
const stateSchema = z.strictObject({ cwd: bytes, environment: bytes });

/** What another process needs to go on with an agent's shell, as it is stored; bytes in base64. */
export const shellTicketSchema = z.strictObject({
  /** The supervisor that was spoken with last, by its pid in the sandbox. */
  supervisor: z.strictObject({ pid: z.number().int().positive(), nonce: z.string().regex(/^[0-9a-f]{32}$/) }),
  /** Number of the last command whose result is known. */
  seq: z.number().int().nonnegative(),
  workdir: z.string(),
  user: z.string().nullable(),
  oom_kills: z.number().nullable(),
  first: stateSchema,
  state: stateSchema,
});
export type ShellTicket = z.infer<typeof shellTicketSchema>;

export function storedState({ cwd, environment }: ShellState): z.infer<typeof stateSchema> {
  return { cwd: cwd.toString('base64'), environment: environment.toString('base64') };
}

export function stateOf({ cwd, environment }: z.infer<typeof stateSchema>): ShellState {
  return { cwd: Buffer.from(cwd, 'base64'), environment: Buffer.from(environment, 'base64') };
}
