import { safeJson } from '../base/safe-text.js';
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { plural } from '../base/plural.js';
import type { JobSummary } from '../record/job-summary.js';
import { isPass, type TrialSummary } from '../record/trial-summary.js';
import { renderCsv } from '../report/text/delimited.js';
import { writeFileAtomic } from '../results/write-file.js';
import { exportFolder } from '../review/export/export-folder.js';
import { exportConversations, exportRows } from '../review/export/export-lines.js';
import { hideForSharing, keepAll, type Clean } from '../review/export/redact-for-sharing.js';
import { readOneJob } from '../review/find-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { print, tell } from './tell.js';

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
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const job = await readOneJob(name, flags.results);
      const trials = flags.passed === true ? job.trials.filter(isPass) : job.trials;
      const clean = flags.redact === true ? hideForSharing : keepAll;
      const { format, out } = flags;
      if (format === 'harbor' || format === 'atif') {
        const folder = needFolder(out);
        const without = await exportFolder(job, trials, { format, out: folder, clean });
        tellLeftOut(without);
        const count = format === 'atif' ? trials.length - without : trials.length;
        print(`${folder}: ${plural(count, 'trial')} of ${job.name} as ${format}\n`);
        return;
      }
      const text = await renderLines(format, { job, trials, clean });
      if (out === undefined) {
        print(text);
        return;
      }
      await writeFileAtomic(out, text);
      print(`${out}: ${plural(trials.length, 'trial')} of ${job.name} as ${format}\n`);
    });
}

function needFolder(out: string | undefined): string {
  if (out !== undefined) return out;
  throw new InputError('this format writes a folder', { hint: 'Name it with --out DIR.' });
}

interface Exported {
  readonly job: JobSummary;
  readonly trials: readonly TrialSummary[];
  readonly clean: Clean;
}

async function renderLines(
  format: 'csv' | 'jsonl' | 'sharegpt',
  { job, trials, clean }: Exported,
): Promise<string> {
  if (format === 'sharegpt') {
    const conversations = await exportConversations(trials, clean);
    tellLeftOut(trials.length - conversations.length);
    return jsonLines(conversations);
  }
  const rows = exportRows(job, trials, clean);
  if (format === 'jsonl') return jsonLines(rows);
  const header = Object.keys(rows[0] ?? {});
  return renderCsv(
    header,
    rows.map((row) => header.map((key) => row[key] ?? null)),
  );
}

function jsonLines(values: readonly object[]): string {
  return values.map((value) => `${safeJson(value, 0)}\n`).join('');
}

function tellLeftOut(count: number): void {
  if (count > 0) tell(`${plural(count, 'trial')} without a readable trajectory left out`);
}
