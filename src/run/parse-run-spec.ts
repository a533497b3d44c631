import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../record/run-spec.js';

/** A run as asked for with everything filled in. Throws InputError that names the key when it is none. */
export function parseRunSpec(input: RunSpecInput): RunSpec {
  const parsed = runSpecSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InputError(`this is no run: ${z.prettifyError(parsed.error)}`);
}
