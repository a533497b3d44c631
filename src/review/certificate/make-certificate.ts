import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import type { Certificate, CertificateContent, CertifiedTrial } from '../../record/certificate.js';
import { jobConfigSchema, type JobConfig } from '../../record/job-config.js';
import type { JobSummary } from '../../record/job-summary.js';
import { readStoredEvidence } from '../../record/evidence/evidence.js';
import { trialResultSchema, type TrialResult } from '../../record/trial-result.js';
import { replayCheckFile } from '../replay-check-file.js';
import { readJson } from '../../results/read-file.js';
import { readSweep } from '../curve-steps.js';
import { certifiedStatistics } from './certified-statistics.js';
import { digestFiles, digestOwnFiles } from './digest-files.js';

/** What no record says, so that whoever certifies states it. */
export interface Stated {
  readonly revision: string | null;
  readonly serverCommand: string | null;
}

export interface CertificateOptions {
  readonly version: string;
  readonly stated: Stated;
  /** Digests of a trial's files; verifying has them already. */
  readonly digest?: (dir: string) => Promise<Record<string, string>>;
}

/** Not of the record: who works on it now, and what was found when it was played again. */
export const notOfTheRecord: ReadonlySet<string> = new Set(['process.lock', replayCheckFile]);

/** The certificate of a job of tbench as it lies there now. Throws `InputError` for jobs of other harnesses. */
export async function makeCertificate(
  job: JobSummary,
  { version, stated, digest = digestFiles }: CertificateOptions,
): Promise<Certificate> {
  const read = await readJson(job.dir, 'config.json', jobConfigSchema);
  if (read.kind !== 'value')
    throw new InputError(`${job.name} is no job of tbench, which a certificate is of`);
  const config = read.value;
  const tasks = new Map<string, TaskFacts>();
  const trials: Record<string, CertifiedTrial> = {};
  for (const trial of [...job.trials].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const dir = trial.dir ?? join(job.dir, trial.name);
    trials[trial.name] = {
      task: trial.task,
      attempt: trial.attempt,
      measured: trial.measured,
      effective_reward: trial.effectiveReward,
      reward: trial.reward,
      verdict: trial.verdict,
      status: trial.status,
      ending: trial.ending,
      blame: trial.blame,
      files: await digest(dir),
    };
    await addFacts(tasks, trial.task, dir);
  }
  const sweep = await sweepFacts(job.dir);
  const content: CertificateContent = {
    kind: 'tbench-certificate',
    schema_version: 1,
    tbench_version: version,
    made_at: new Date().toISOString(),
    job: jobPart(
      job,
      config,
      stated.revision === null ? sweep.revision : { name: stated.revision, commit: null },
    ),
    engine: enginePart(config),
    server: { versions: serverVersions(config), command: stated.serverCommand ?? sweep.command },
    tasks: Object.fromEntries(
      config.tbench.tasks.map(({ name, digest, checksum }) => [
        name,
        { digest, checksum, ...factsOf(tasks, name) },
      ]),
    ),
    files: await digestOwnFiles(job.dir, notOfTheRecord),
    trials,
    statistics: certifiedStatistics(trials),
  };
  // Through JSON, so that what is compared later is what was written.
  return JSON.parse(JSON.stringify({ ...content, digest: digestOf(content) })) as Certificate;
}

/** SHA-256 over a certificate's content, without its own digest. */
export function digestOf(content: CertificateContent & { readonly digest?: string }): string {
  const { digest: _, ...rest } = content;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

function jobPart(
  job: JobSummary,
  { n_attempts: attempts, timeout_multiplier: timeoutMultiplier, tbench }: JobConfig,
  revision: Certificate['job']['revision'],
): Certificate['job'] {
  const { dataset, harness } = tbench;
  return {
    name: basename(job.dir),
    tbench_version: tbench.version,
    agent: tbench.agent,
    model: tbench.model,
    model_kind: tbench.model_kind,
    revision,
    dataset: {
      name: dataset.name,
      version: dataset.version,
      digest: dataset.digest ?? null,
      origin: dataset.origin,
    },
    harness: harness === null ? null : { name: harness.name, digest: harness.digest, budget: harness.budget },
    clock: tbench.clock,
    timeout_multiplier: timeoutMultiplier,
    overrides: [...job.overrides],
    attempts,
    settings: settingsOf(tbench['run']),
  };
}

const runSchema = z.looseObject({ trial: z.unknown(), retries: z.unknown(), tasks: z.unknown() });

function settingsOf(run: unknown): unknown {
  const parsed = runSchema.safeParse(run);
  return parsed.success
    ? { trial: parsed.data.trial, retries: parsed.data.retries, tasks: parsed.data.tasks }
    : null;
}

/** What of an engine may be published: no addresses and folders of the machine. */
const engineKeys = ['name', 'version', 'rootless', 'runtime', 'cgroupVersion', 'cpus', 'memoryBytes'];

function enginePart({ tbench }: JobConfig): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(tbench['engine']);
  return parsed.success ? Object.fromEntries(engineKeys.map((key) => [key, parsed.data[key] ?? null])) : {};
}

function serverVersions({ tbench }: JobConfig): string[] {
  const parsed = z.array(z.looseObject({ version: z.string().nullish() })).safeParse(tbench['servers']);
  return parsed.success ? [...new Set(parsed.data.flatMap(({ version }) => version ?? []))].sort() : [];
}

interface TaskFacts {
  readonly tests: Set<string>;
  readonly images: Set<string>;
  readonly limits: Set<string>;
}

async function addFacts(tasks: Map<string, TaskFacts>, task: string, dir: string): Promise<void> {
  const facts = tasks.get(task) ?? { tests: new Set(), images: new Set(), limits: new Set() };
  tasks.set(task, facts);
  const read = await readJson(dir, 'result.json', trialResultSchema);
  if (read.kind !== 'value') return;
  const { tbench, integrity, step_results: steps } = read.value;
  if (tbench.image !== null) facts.images.add(imageFact(tbench.image));
  if (tbench.limits !== null) facts.limits.add(JSON.stringify(tbench.limits));
  for (const evidence of [integrity?.evidence, ...(steps ?? []).map((step) => step.integrity?.evidence)]) {
    const { tests } = readStoredEvidence(evidence);
    if (tests !== null) facts.tests.add(tests.digest);
  }
}

/** With what it was built on, where that is known. */
function imageFact({ reference, digest, id, base }: NonNullable<TrialResult['tbench']['image']>): string {
  return `${reference} ${digest ?? id}${base == null ? '' : ` on ${base}`}`;
}

function factsOf(
  tasks: ReadonlyMap<string, TaskFacts>,
  name: string,
): Pick<Certificate['tasks'][string], 'tests' | 'images' | 'limits'> {
  const facts = tasks.get(name);
  return {
    tests: [...(facts?.tests ?? [])].sort(),
    images: [...(facts?.images ?? [])].sort(),
    limits: [...(facts?.limits ?? [])].sort().map((text): unknown => JSON.parse(text)),
  };
}

async function sweepFacts(
  jobDir: string,
): Promise<{ revision: Certificate['job']['revision']; command: string | null }> {
  const sweep = await readSweep(dirname(jobDir)).catch(() => null);
  const entry = sweep?.revisions.find(({ job }) => job === basename(jobDir));
  if (entry === undefined) return { revision: null, command: null };
  const { revision: name, commit, server_commands: commands } = entry;
  return { revision: { name, commit }, command: commands.length === 0 ? null : commands.join('\n') };
}
