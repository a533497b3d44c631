import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { percent } from '../base/number/decimal.js';
import { plural } from '../base/plural.js';
import type { Certificate } from '../record/certificate.js';
import type { JobSummary } from '../record/job-summary.js';
import { partMark } from '../report/text/format.js';
import { renderRepeatability } from '../report/score/repeatability-text.js';
import { writeFileAtomic } from '../results/write-file.js';
import { makeCertificate } from '../review/certificate/make-certificate.js';
import { checkAgainstJob, checkItself, readCertificate } from '../review/certificate/verify-certificate.js';
import { findFolder } from '../review/find-folder.js';
import { readOneJob } from '../review/find-jobs.js';
import { readVersion } from '../run/version.js';
import { plannedTrials } from '../score/job/coverage.js';
import { measureRepeatability } from '../score/noise/repeatability.js';
import { defaultResultsDir } from './default-results-dir.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCount } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { replayOnce, sampleTrials } from './replay-check.js';
import { print, tell } from './tell.js';
import { appendAll } from '../base/append-all.js';

const examples = `
A certificate is no signature: whoever can write it can write another. Publish its SHA-256, which is printed, beside the row.

Examples:
  tbench certify my-job --out my-job.certificate.json
  tbench certify my-job --revision 3f1c2ab --server-command "$(tbench serve my/model)"
  tbench certify --verify my-job.certificate.json               its figures from its own trials
  tbench certify --verify my-job.certificate.json my-job        every file of the record too
  tbench certify --verify my-job.certificate.json my-job --replay 10    ten trials played again

Exit codes: 0 written, or all matches; 1 something does not match; 2 wrong usage; 3 the surroundings failed.`;

/** `tbench certify JOB`, `tbench certify --verify FILE [JOB]`. */
export function certifyCommand() {
  return describeCertify().action(async (name, flags) => {
    if (flags.verify !== undefined) return verify(flags.verify, name, flags);
    if (name === undefined) throw new InputError('certify needs a job', { hint: 'tbench certify JOB' });
    if (flags.replay !== undefined)
      throw new InputError('--replay is of --verify', {
        hint: 'tbench replay-check JOB plays trials again.',
      });
    const job = await readOneJob(name, flags.results);
    const stated = { revision: flags.revision ?? null, serverCommand: flags.serverCommand ?? null };
    const certificate = await makeCertificate(job, { version: readVersion(), stated });
    const path = flags.out ?? `${basename(job.dir)}.certificate.json`;
    const text = `${JSON.stringify(certificate, null, 1)}\n`;
    await writeFileAtomic(path, text);
    print(
      `${path}: ${figuresOf(certificate, plannedTrials(job, certificate.statistics.n_tasks))}\nsha256 ${createHash('sha256').update(text).digest('hex')}\n`,
    );
  });
}

function describeCertify() {
  return new Command('certify')
    .description('Writes a small file that pins a job: digests, set-up, verdicts, figures; or checks one.')
    .argument('[job]', 'a job folder of tbench, or a name under --results')
    .option('--out <file>', 'where it is written (default: JOB.certificate.json here)')
    .option('--revision <name>', 'which revision of the model was served, where no sweep says it')
    .option('--server-command <command>', 'how it was served, where no sweep says it')
    .option('--verify <file>', 'check this certificate: its figures, and against JOB its files')
    .option('--replay <n>', 'with --verify: also play so many trials again', parseCount)
    .option('-d, --dataset <name or path>', 'with --replay: where its tasks are now')
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.engine())
    .addOption(sandboxOptions.passEnv())
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .addHelpText('after', examples);
}

type CertifyFlags = ReturnType<ReturnType<typeof describeCertify>['opts']>;

async function verify(path: string, name: string | undefined, flags: CertifyFlags): Promise<void> {
  const certificate = await readCertificate(path);
  const found = checkItself(certificate);
  if (name === undefined && flags.replay !== undefined)
    throw new InputError('--replay needs the job that the certificate is of');
  const dir = name === undefined ? null : await findFolder(name, flags.results);
  if (dir !== null) appendAll(found, await checkAgainstJob(certificate, dir));
  for (const line of found) tell(line);
  const against = dir === null ? 'within itself' : `within itself and with ${dir}`;
  print(
    found.length === 0
      ? `all matches ${against}: ${figuresOf(certificate)}\n`
      : `${plural(found.length, 'thing')} ${found.length === 1 ? 'does' : 'do'} not match\n`,
  );
  if (found.length > 0) process.exitCode = exitCodes.no;
  if (dir !== null && flags.replay !== undefined)
    await replay(await readOneJob(dir, flags.results), flags.replay, flags);
}

/** `24 trials, mean 62.5 %`; marked where fewer were measured than planned, as far as the certificate alone tells. */
function figuresOf(
  { statistics: { n_trials: trials, n_tasks: tasks, measured, mean }, job }: Certificate,
  planned = Math.max(trials, tasks * job.attempts),
): string {
  const number = measured === 0 ? '–' : `${percent(mean)} %`;
  return `${plural(trials, 'trial')}, mean ${number}${partMark({ measured, planned })}`;
}

/** A verdict that changes is no forgery: it is told with its interval, and does not change the exit code. */
async function replay(job: JobSummary, size: number, flags: CertifyFlags): Promise<void> {
  using interrupt = listenForInterrupt();
  const { dataset = null, engine = null, concurrency, passEnv: passedVariables = [] } = flags;
  const chosen = await sampleTrials(job, size, Date.now());
  const replays = await replayOnce({ job, chosen, dataset, engine, concurrency, passedVariables }, interrupt);
  const found = measureRepeatability(replays.slice(-1));
  if (found !== null) print(renderRepeatability(job.name, found));
}
