import { Command } from '@commander-js/extra-typings';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { renderJobAudit, renderStory, type JobAudit, type TrialStory } from '../report/trial-story.js';
import { readJson } from '../results/read-file.js';
import { readTrial } from '../results/formats/harbor/read-trial.js';
import { integritySchema } from '../record/integrity.js';
import { auditForeign, type ForeignAudit } from '../review/audit.js';
import { readStoredEvidence } from '../review/stored-evidence.js';
import { readEvidence } from '../review/audit-foreign.js';
import { defaultResultsDir } from './default-results-dir.js';
import { jobDir } from './read-jobs.js';

const examples = `
Examples:
  tbench show results/my-job/fix-git__2     why this trial got its verdict
  tbench show my-job/fix-git__2             the same, looked up under --results
  tbench show harbor-job                    audits every trial of a job that another harness wrote
  tbench show my-job/fix-git__2 --json | jq .source.findings`;

/** `tbench show TRIAL`. */
export function showCommand() {
  return new Command('show')
    .description(
      'Tells the story of one verdict from the files of a trial: what was run, what it said, why the verdict. Given a job folder, audits its trials by the same rules as far as their files allow.',
    )
    .argument('<trial>', 'a trial folder, job/trial under --results, or a job folder')
    .option('--results <dir>', 'where names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const dir = jobDir(name, flags.results);
      const found = (await stat(dir).catch(() => null))?.isDirectory() === true;
      if (!found)
        throw new InputError(`no trial or job folder at ${dir}`, {
          hint: 'Name a folder that holds a result.json.',
        });
      const trials = await trialFolders(dir);
      const shown = trials.length > 0 ? await auditJob(dir, trials) : await tellTrial(dir);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      else process.stdout.write('trials' in shown ? renderJobAudit(shown) : renderStory(shown));
    });
}

/** Folders below `dir` that hold a trial's result; a trial folder has none. */
async function trialFolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
  const held = await Promise.all(
    folders.map((folder) =>
      stat(join(folder, 'result.json')).then(
        () => true,
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => held[index]).sort();
}

const recordSchema = z.looseObject({ integrity: integritySchema.nullish() });
const tailLines = 12;
const maxTailBytes = 64 * 1024;

async function tellTrial(dir: string): Promise<TrialStory> {
  const { trial, problems } = readTrial(dir);
  if (trial === null) {
    const problem = problems[0];
    throw new InputError(
      problem === undefined ? `${dir} holds no finished trial` : `${problem.path} ${problem.message}`,
    );
  }
  const record = readJson(join(dir, 'result.json'), recordSchema);
  const integrity = record.kind === 'value' ? (record.value.integrity ?? null) : null;
  const story = {
    name: trial.name,
    task: trial.task,
    dir,
    ending: trial.ending,
    reward: trial.reward,
    errorType: trial.errorType,
  };
  const outputTail = await readTail(join(dir, 'verifier', 'test-stdout.txt'));
  if (integrity !== null) {
    const { status, verdict, findings } = integrity;
    const rewards = { rawReward: integrity.raw_reward, effectiveReward: integrity.effective_reward };
    const evidence = readStoredEvidence(integrity.evidence);
    return { ...story, source: { kind: 'own', status, verdict, ...rewards, evidence, findings }, outputTail };
  }
  const isOurs = record.kind === 'value' && 'tbench' in record.value;
  if (isOurs) return { ...story, source: { kind: 'unverified' }, outputTail };
  return {
    ...story,
    source: {
      kind: 'foreign',
      audit: auditFolder(dir, trial.reward, await keepsReports(await trialFolders(join(dir, '..')))),
    },
    outputTail,
  };
}

async function auditJob(dir: string, trials: readonly string[]): Promise<JobAudit> {
  const kept = await keepsReports(trials);
  const audited = trials.map((folder) => {
    const reward = readTrial(folder).trial?.reward ?? null;
    return { name: basename(folder), reward, audit: auditFolder(folder, reward, kept) };
  });
  return { name: basename(dir), keepsReports: kept, trials: audited };
}

/** Whether a job kept test reports at all: where none did, a missing one means nothing. */
async function keepsReports(trials: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    trials.map((folder) =>
      stat(join(folder, 'verifier', 'ctrf.json')).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

function auditFolder(dir: string, reward: number | null, kept: boolean): ForeignAudit {
  const seen = readEvidence({ dir, reward });
  return auditForeign(seen, kept || seen.ctrf !== null);
}

async function readTail(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) return [];
  await using file = await open(path, 'r');
  const length = Math.min(found.size, maxTailBytes);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, found.size - length);
  return buffer.toString('utf8').trimEnd().split('\n').slice(-tailLines);
}
