import { tableSchema } from '../../base/table-schema.js';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { openForeignFile, readRange } from '../../base/foreign-file.js';
import type { Finding } from '../../record/finding.js';
import { integritySchema } from '../../record/integrity.js';
import { resumptionSchema, type Resumption } from '../../record/resumption.js';
import { networkLogSchema, type RefusedHost } from '../../record/network-log.js';
import { verdicts, type Verdict } from '../../record/verdict.js';
import type { VerifierStatus } from '../../record/verifier-status.js';
import { readRewards } from '../../results/formats/harbor/read-rewards.js';
import { readTrial } from '../../results/formats/harbor/read-trial.js';
import { readJson, type FileRead } from '../../results/read-file.js';
import { auditedInSteps, auditForeign, type ForeignAudit } from '../audit/audit-foreign.js';
import { keepsReports, readForeignTrial } from '../audit/foreign-evidence.js';
import { readStoredEvidence, type StoredEvidence } from '../../record/evidence/evidence.js';
import { stepFolder } from '../trial/list-steps.js';
import { readEarlierTries, type EarlierTry } from './earlier-tries.js';
import { trialFolders } from './trial-folders.js';

/** One trial, as its files tell it. */
export interface TrialStory {
  readonly name: string;
  readonly task: string;
  readonly dir: string;
  readonly ending: string | null;
  readonly reward: number | null;
  readonly errorType: string | null;
  /** What went wrong, in its own words: of a build that failed its command's last lines. */
  readonly errorMessage: string | null;
  /** Share of the agent's time in which the model server kept the model from answering; null where not recorded. */
  readonly serverShare: number | null;
  readonly source: StorySource;
  /** Of a task of several steps, those that were begun. */
  readonly steps: readonly StoryStep[];
  /** What its network policies refused, phase by phase. */
  readonly refused: readonly RefusedHost[];
  /** What came of the same trial before, oldest first. */
  readonly earlierTries: readonly EarlierTry[];
  /** When another process went on with it, its own having died. */
  readonly resumed: readonly Resumption[];
  /** Last lines of the tests' output, oldest first. */
  readonly outputTail: readonly string[];
}

/** One step of a trial; its own story is read by `readStepStory`. */
export interface StoryStep {
  readonly name: string;
  readonly rewards: Readonly<Record<string, number>> | null;
  readonly verdict: Verdict | null;
  readonly errorType: string | null;
  readonly errorMessage: string | null;
}

/** Who judged the trial: tbench when it ran, this audit for another harness's record, or nobody. */
export type StorySource =
  OwnVerdict | { readonly kind: 'foreign'; readonly audit: ForeignAudit } | { readonly kind: 'unverified' };

/** The verdict that tbench stored with the trial, and what it rests on. */
export interface OwnVerdict {
  readonly kind: 'own';
  readonly status: VerifierStatus;
  readonly verdict: Verdict;
  readonly rawReward: number | null;
  readonly effectiveReward: number;
  readonly evidence: StoredEvidence;
  readonly findings: readonly Finding[];
}

/** Evidence is read part by part below, so that a record of another version still tells its story. */
const storedIntegritySchema = integritySchema.extend({ evidence: z.unknown() });
const clockSchema = z.looseObject({ server_share: z.number().nullish() }).nullish();
const stepSchema = z.looseObject({
  step_name: z.string(),
  verifier_result: z.looseObject({ rewards: tableSchema(z.number()).nullish() }).nullish(),
  exception_info: z.looseObject({ exception_type: z.string(), exception_message: z.string() }).nullish(),
  integrity: z.looseObject({ verdict: z.enum(verdicts) }).nullish(),
  tbench: z.looseObject({ ending: z.string().nullish(), clock: clockSchema }).nullish().catch({}),
});
const recordSchema = z.looseObject({
  exception_info: z.looseObject({ exception_message: z.string().nullish() }).nullish().catch(null),
  step_results: z.array(stepSchema).nullish().catch(null),
  integrity: storedIntegritySchema.nullish(),
  tbench: z
    .looseObject({ clock: clockSchema, resumed: z.array(resumptionSchema).nullish().catch(null) })
    .nullish()
    .catch({}),
});
const tailLines = 12;
const maxTailBytes = 64 * 1024;

/** Gathers the story of one verdict from a trial's folder. Throws `InputError` where no finished trial lies. */
export async function readTrialStory(dir: string): Promise<TrialStory> {
  const { trial, problems } = await readTrial(dir);
  if (trial === null) {
    const problem = problems[0];
    throw new InputError(
      problem === undefined ? `${dir} holds no finished trial` : `${problem.path} ${problem.message}`,
      {
        hint: 'A trial under way is followed with tbench show --follow; tbench logs prints its turns so far.',
      },
    );
  }
  const { name, task, ending, reward, errorType } = trial;
  const record = await readJson(dir, 'result.json', recordSchema);
  const source = await readSource(dir, reward, record);
  const said = record.kind === 'value' ? record.value : null;
  const steps = (said?.step_results ?? []).map(storyStep);
  return {
    name,
    task,
    dir,
    ending,
    reward,
    errorType,
    errorMessage: said?.exception_info?.exception_message ?? null,
    serverShare: said?.tbench?.clock?.server_share ?? null,
    source,
    steps,
    refused: await readRefused(dir, steps),
    earlierTries: await readEarlierTries(dir),
    resumed: said?.tbench?.resumed ?? [],
    outputTail: await readTail(dir),
  };
}

/** Of the agent's environment, and of those of separate verifiers. */
async function readRefused(dir: string, steps: readonly StoryStep[]): Promise<RefusedHost[]> {
  const own = [dir, join(dir, 'verifier'), ...steps.map(({ name }) => join(dir, 'steps', name, 'verifier'))];
  const logs = await Promise.all(own.map((folder) => readJson(folder, 'network.json', networkLogSchema)));
  return logs.flatMap((log) => (log.kind === 'value' ? log.value.refused : []));
}

function storyStep(step: z.infer<typeof stepSchema>): StoryStep {
  return {
    name: step.step_name,
    rewards: step.verifier_result?.rewards ?? null,
    verdict: step.integrity?.verdict ?? null,
    errorType: step.exception_info?.exception_type ?? null,
    errorMessage: step.exception_info?.exception_message ?? null,
  };
}

/**
 * The story of one step of a trial of several, from the trial's record and what the step left; null where its record has none of
 * that name.
 */
export async function readStepStory(dir: string, step: string): Promise<TrialStory | null> {
  const record = await readJson(dir, 'result.json', recordSchema);
  const found = (record.kind === 'value' ? record.value.step_results : null)?.find(
    ({ step_name }) => step_name === step,
  );
  if (found === undefined) return null;
  const ownDir = join(dir, stepFolder(step));
  const { reward } = readRewards(found.verifier_result);
  const { errorType, errorMessage } = storyStep(found);
  const integrity = storedIntegritySchema.safeParse(found.integrity);
  return {
    name: step,
    task: step,
    dir: ownDir,
    ending: found.tbench?.ending ?? null,
    reward,
    errorType,
    errorMessage,
    serverShare: found.tbench?.clock?.server_share ?? null,
    source: integrity.success
      ? ownSource(integrity.data)
      : found.tbench == null
        ? await foreignSource(ownDir, reward, [])
        : { kind: 'unverified' },
    ...{ steps: [], earlierTries: [], resumed: [] },
    refused: await readRefused(ownDir, []),
    outputTail: await readTail(ownDir),
  };
}

function ownSource(integrity: z.infer<typeof storedIntegritySchema>): OwnVerdict {
  const { status, verdict, findings } = integrity;
  const rewards = { rawReward: integrity.raw_reward, effectiveReward: integrity.effective_reward };
  const evidence = readStoredEvidence(integrity.evidence);
  return { kind: 'own', status, verdict, ...rewards, evidence, findings };
}

async function foreignSource(
  dir: string,
  reward: number | null,
  siblings: readonly string[],
): Promise<StorySource> {
  const reports = await keepsReports([dir, ...siblings].map((folder) => ({ dir: folder })));
  return { kind: 'foreign', audit: auditForeign(await readForeignTrial({ dir, reward }), reports) };
}

async function readSource(
  dir: string,
  reward: number | null,
  record: FileRead<z.infer<typeof recordSchema>>,
): Promise<StorySource> {
  const integrity = record.kind === 'value' ? (record.value.integrity ?? null) : null;
  if (integrity !== null) return ownSource(integrity);
  if (record.kind === 'value' && (record.value.tbench ?? null) !== null) return { kind: 'unverified' };
  if (record.kind === 'value' && (record.value.step_results ?? []).length > 0)
    return { kind: 'foreign', audit: auditedInSteps };
  return foreignSource(dir, reward, await trialFolders(join(dir, '..')));
}

async function readTail(dir: string): Promise<string[]> {
  const opened = await openForeignFile(dir, 'verifier/test-stdout.txt');
  if (opened.kind !== 'file') return [];
  await using file = opened.value;
  const { size } = await file.stat();
  const length = Math.min(size, maxTailBytes);
  const tail = await readRange(file, { start: size - length, length });
  return tail.toString('utf8').trimEnd().split('\n').slice(-tailLines);
}
