import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { identify } from '../../base/process-identity.js';
import { answerSchema, type Answer } from '../../agent/resume/answer.js';
import { sandboxTicketSchema } from '../../sandbox/sandbox-ticket.js';
import type { TrialPaths } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { readForeignFile } from '../../base/foreign-file.js';
import type { StepTime } from '../step-time.js';
import type { InitialScene } from '../../verifier/scene/initial-scene.js';
import { resumptionSchema } from '../../record/resumption.js';

const ours = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

/**
 * `claim.json` of a trial whose agent acts: who works in which sandbox, and what must be known to go on. src/sandbox/cleanup/claim.ts
 * reads a part of it to tell whose a container is.
 */
const claimSchema = z.strictObject({
  version: z.literal(1),
  owner: z.strictObject({ pid: z.number(), startedAt: z.string(), realm: z.string() }),
  /** Whether another process may go on here, should the owner be dead. */
  is_open: z.boolean(),
  /** Of all that decides what the trial measures. */
  fingerprint: z.string(),
  started_at: z.string(),
  acts_since: z.string(),
  times: ours<readonly StepTime[]>(),
  warnings: z.array(z.string()),
  initial: ours<InitialScene>(),
  ticket: sandboxTicketSchema,
  resumed: z.array(resumptionSchema),
});
export type Claim = z.infer<typeof claimSchema>;

/** What a trial left when its process died in the middle of its agent's work. */
export interface LeftTrial {
  readonly claim: Claim;
  readonly answers: readonly Answer[];
}

const maxAnswerBytes = 256 * 2 ** 20;

export async function writeClaim(paths: TrialPaths, claim: Omit<Claim, 'version' | 'owner'>): Promise<void> {
  await writeJson(paths.claim, { version: 1, owner: identify(), ...claim } satisfies Claim);
}

/** Nobody can go on with the trial from here. */
export async function dropClaim(paths: TrialPaths): Promise<void> {
  await rm(paths.claim, { force: true });
  await rm(paths.answers, { force: true });
}

/** What there is to go on with; null when the trial has left nothing of the kind. */
export async function readLeftTrial(jobDir: string, paths: TrialPaths): Promise<LeftTrial | null> {
  const claim = await readJson(jobDir, paths.claim.slice(jobDir.length + 1), claimSchema);
  if (claim.kind !== 'value' || !claim.value.is_open) return null;
  const file = await readForeignFile(jobDir, paths.answers.slice(jobDir.length + 1), {
    maxBytes: maxAnswerBytes,
  });
  if (file.kind !== 'file') return null;
  const answers: Answer[] = [];
  // A torn line is of an answer that the agent was not told: its process died while it wrote it.
  for (const line of file.value.toString('utf8').split('\n')) {
    const parsed = answerSchema.safeParse(parsedJson(line));
    if (parsed.success) answers.push(parsed.data);
  }
  return { claim: claim.value, answers };
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
