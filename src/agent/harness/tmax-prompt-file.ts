import { z } from 'zod';
import { defaultTruncation, outputLimitsOf } from './default-output.js';
import type { Harness } from './harness.js';
import type { HarnessSource } from './harness-source.js';
import { parseStrictly } from './parse-strictly.js';

const chars = z.number().int().positive();

/** Tmax's prompt file: texts only; everything else is as in harness/tmax.yaml. */
const schema = z.strictObject({
  system_template: z.string(),
  instance_template: z.string(),
  observation: z
    .strictObject({
      max_chars: chars.default(defaultTruncation.maxChars),
      head_chars: chars.default(defaultTruncation.headChars),
      tail_chars: chars.default(defaultTruncation.tailChars),
      too_long_hint: z.string().default('Output truncated.'),
    })
    .prefault({}),
  format_error_template: z.string(),
});

export function isTmaxPromptFile(value: Readonly<Record<string, unknown>>): boolean {
  return 'system_template' in value;
}

/** The harness of a Tmax prompt file: `base` (tmax.yaml) with the file's own words. `{{error}}` stays ours. */
export function tmaxPromptHarness(source: HarnessSource, base: Harness): Harness {
  const file = parseStrictly(schema, source.value, source.path);
  const { max_chars, head_chars, tail_chars, too_long_hint } = file.observation;
  if (base.observation.engine !== 'literal') return base;
  const truncation = {
    ...base.observation.truncation,
    maxChars: max_chars,
    headChars: head_chars,
    tailChars: tail_chars,
    hint: too_long_hint,
  };
  return {
    ...base,
    name: source.stem,
    digest: source.digest,
    prompts: {
      ...base.prompts,
      system: file.system_template,
      instance: file.instance_template,
      formatError: file.format_error_template,
    },
    observation: { ...base.observation, truncation },
    outputLimits: outputLimitsOf(truncation),
  };
}
