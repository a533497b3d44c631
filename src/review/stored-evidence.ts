import { z } from 'zod';

const count = z.number();
const text = z.string();

/** Evidence as older and newer records store it: every part may be missing. */
const storedEvidenceSchema = z.object({
  reward: z.object({ file: text.nullable(), value: count.nullable() }).nullish().catch(null),
  trace: z
    .object({ applicable: z.boolean(), commands: count, reward: count.nullable() })
    .nullish()
    .catch(null),
  report: z
    .object({
      applicable: z.boolean(),
      counts: z.object({ tests: count, passed: count, failed: count, skipped: count }).nullable(),
    })
    .nullish()
    .catch(null),
  runner: z
    .object({ applicable: z.boolean(), summary: text.nullable(), rootdir: text.nullable() })
    .nullish()
    .catch(null),
  bootstrap: z.object({ cause: text, line: text }).nullish().catch(null),
  exit_code: count.nullish().catch(null),
  timed_out: z.boolean().nullish().catch(null),
  tests: z
    .object({ files: count, digest: text, verified: z.boolean(), changed: z.array(text), added: count })
    .nullish()
    .catch(null),
  tests_ms: count.nullish().catch(null),
  tries: count.nullish().catch(null),
  checks_ms: count.nullish().catch(null),
  negative_control: z.object({ outcome: text, reason: text }).nullish().catch(null),
  isolated: z.object({ outcome: text, reason: text }).nullish().catch(null),
  scene: z
    .object({
      changed_paths: count,
      processes: z.array(text),
      sockets: z.array(text),
      killed: z.array(text),
      workdir_recreated: z.boolean(),
      package_manager: z
        .object({
          holders: z.array(z.unknown()),
          half_configured: z.array(text),
          interrupted: z.boolean(),
          waited_ms: count,
        })
        .nullable(),
    })
    .nullish()
    .catch(null),
});
export type StoredEvidence = z.infer<typeof storedEvidenceSchema>;

/** Reads `integrity.evidence` of a trial's record; parts that do not fit are left out. */
export function readStoredEvidence(value: unknown): StoredEvidence {
  const parsed = storedEvidenceSchema.safeParse(value);
  return parsed.success ? parsed.data : {};
}
