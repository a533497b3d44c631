import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { renderCsv } from '../report/text/delimited.js';
import { atifTrial, flatTrial, shareGptTrial } from '../review/export-trial.js';
import type { JobSummary } from '../record/job-summary.js';
import type { TrialSummary } from '../record/trial-summary.js';
import { readConversation } from '../results/formats/read-conversation.js';
import { redactForSharing, redactValue } from '../review/redact-for-sharing.js';
import { writeFileAtomic } from '../results/write-file.js';
import { defaultResultsDir } from './default-results-dir.js';
import { readOneJob } from './read-jobs.js';

const examples = `
csv, jsonl and sharegpt go to stdout, or to --out FILE; atif and harbor need --out DIR.

Examples:
  tbench export my-job --format csv > trials.csv
  tbench export my-job --format sharegpt --passed --out sft.jsonl
  tbench export my-job --format atif --redact --out shared/`;

const formats = ['harbor', 'atif', 'csv', 'jsonl', 'sharegpt'] as const;

/** `tbench export JOB`. */
export function exportCommand() {
  return new Command('export')
    .description('Writes a job in another form: plain Harbor, ATIF trajectories, CSV, JSON Lines, ShareGPT.')
    .argument('<job>', 'a job folder, or a name under --results')
    .addOption(new Option('--format <format>', 'what to write').choices(formats).makeOptionMandatory())
    .option('--out <path>', 'file or folder to write')
    .option('--passed', 'only trials that passed')
    .option('--redact', 'hide home folders, hosts, addresses, e-mails and key-like strings, for sharing')
    .option('--results <dir>', 'where job names are looked up', defaultResultsDir)
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const job = await readOneJob(name, flags.results);
      const trials =
        flags.passed === true ? job.trials.filter((trial) => trial.effectiveReward >= 1) : job.trials;
      const clean = flags.redact === true ? hideForSharing : asItIs;
      if (flags.format === 'harbor' || flags.format === 'atif') {
        await exportFolder(job, trials, { format: flags.format, out: needFolder(flags.out), clean });
        return;
      }
      const text = renderLines(job, trials, { format: flags.format, clean });
      if (flags.out === undefined) process.stdout.write(text);
      else await writeFileAtomic(flags.out, text);
    });
}

function needFolder(out: string | undefined): string {
  if (out === undefined)
    throw new InputError('this format writes a folder', { hint: 'Name it with --out DIR.' });
  if (statSync(out, { throwIfNoEntry: false })?.isFile() === true)
    throw new InputError(`${out} is a file, not a folder`);
  mkdirSync(out, { recursive: true });
  return out;
}

type Clean = (value: unknown) => unknown;

const asItIs: Clean = (value) => value;

const hideForSharing: Clean = (value) => redactValue(value, redactForSharing);

interface LineExport {
  readonly format: 'csv' | 'jsonl' | 'sharegpt';
  readonly clean: Clean;
}

function renderLines(
  job: JobSummary,
  trials: readonly TrialSummary[],
  { format, clean }: LineExport,
): string {
  const flat = trials.map((trial) => clean(flatTrial(job, trial)) as ReturnType<typeof flatTrial>);
  if (format === 'csv') {
    const header = Object.keys(flat[0] ?? {});
    return renderCsv(
      header,
      flat.map((row) => header.map((key) => row[key] ?? null)),
    );
  }
  if (format === 'jsonl') return flat.map((row) => `${JSON.stringify(row)}\n`).join('');
  const lines = trials.flatMap((trial) => {
    const conversation = trial.dir === null ? null : readConversation(trial.dir);
    return conversation === null ? [] : [`${JSON.stringify(clean(shareGptTrial(trial, conversation)))}\n`];
  });
  tellLeftOut(trials.length - lines.length);
  return lines.join('');
}

interface FolderExport {
  readonly format: 'harbor' | 'atif';
  readonly out: string;
  readonly clean: Clean;
}

/** A folder a trial. Harbor: only the keys and files Harbor knows; ATIF: the trajectory alone. */
async function exportFolder(
  job: JobSummary,
  trials: readonly TrialSummary[],
  options: FolderExport,
): Promise<void> {
  const { out, clean, format } = options;
  const put = (path: string, value: unknown): Promise<void> =>
    writeFileAtomic(join(out, path), `${JSON.stringify(clean(value), null, 2)}\n`);
  let without = 0;
  if (format === 'harbor') await copyJson(join(job.dir, 'config.json'), (value) => put('config.json', value));
  if (format === 'harbor') await copyJson(join(job.dir, 'result.json'), (value) => put('result.json', value));
  for (const trial of trials) {
    if (trial.dir === null) continue;
    // The folder's own name: the name in the record may hold anything, also a path.
    const name = basename(trial.dir);
    const conversation = readConversation(trial.dir);
    if (conversation === null) without += 1;
    else await put(join(name, 'agent', 'trajectory.json'), atifTrial(job, trial, conversation));
    if (format === 'atif') continue;
    await copyJson(join(trial.dir, 'config.json'), (value) => put(join(name, 'config.json'), value));
    await copyJson(join(trial.dir, 'result.json'), (value) => put(join(name, 'result.json'), value));
    if (trial.reward === null) continue;
    await writeFileAtomic(join(out, name, 'verifier', 'reward.txt'), `${trial.reward}\n`);
  }
  tellLeftOut(without);
}

const ownKeys: readonly string[] = ['tbench', 'integrity'];

/** Hands on a JSON object without the keys that only tbench knows; a missing file is passed over. */
async function copyJson(path: string, put: (value: unknown) => Promise<void>): Promise<void> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const value = JSON.parse(text) as Record<string, unknown>;
  await put(Object.fromEntries(Object.entries(value).filter(([key]) => !ownKeys.includes(key))));
}

function tellLeftOut(count: number): void {
  if (count > 0) process.stderr.write(`${count} trials have no readable trajectory\n`);
}
