import { isTable } from '../../base/json-value.js';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { certificateSchema, type Certificate } from '../../record/certificate.js';
import { certifiedStatistics } from './certified-statistics.js';
import { readOneJob } from '../find-jobs.js';
import { readNamedJson } from '../../results/read-file.js';
import { digestFiles, digestOwnFiles } from './digest-files.js';
import { digestOf, makeCertificate, notOfTheRecord } from './make-certificate.js';
import { appendAll } from '../../base/append-all.js';

/** Reads a certificate. Throws `InputError` naming the first thing wrong with it. */
export async function readCertificate(path: string): Promise<Certificate> {
  let data: unknown;
  try {
    data = await readNamedJson(path);
  } catch (cause) {
    throw new InputError(`cannot read the certificate ${path}`, { cause });
  }
  const parsed = certificateSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new InputError(`${path} is no certificate: ${z.prettifyError(parsed.error).split('\n')[0] ?? ''}`, {
    hint: 'Make one with: tbench certify JOB',
  });
}

/** What does not match within a certificate itself: its digest, and its figures against its rows. Empty where all does. */
export function checkItself(certificate: Certificate): string[] {
  const isWhole = digestOf(certificate) === certificate.digest;
  return [
    ...(isWhole ? [] : ['the certificate was changed: its digest is not that of its content']),
    ...differences(certificate.statistics, certifiedStatistics(certificate.trials), 'statistics').map(
      (text) => `${text}, from the certificate's own trials`,
    ),
  ];
}

/**
 * What of a job's folder is not as a certificate says: files by name, then verdicts, figures and set-up. Empty where all
 * matches. Files are looked at first and by themselves: a changed byte may keep the record from being read at all.
 */
export async function checkAgainstJob(certificate: Certificate, dir: string): Promise<string[]> {
  const digests = new Map<string, Record<string, string>>();
  const digest = async (folder: string): Promise<Record<string, string>> => {
    const known = digests.get(folder) ?? (await digestFiles(folder).catch(() => ({})));
    digests.set(folder, known);
    return known;
  };
  const found = fileDifferences(certificate.files, await digestOwnFiles(dir, notOfTheRecord), '');
  for (const [name, { files }] of Object.entries(certificate.trials))
    appendAll(found, fileDifferences(files, await digest(join(dir, name)), `${name}/`));
  try {
    const job = await readOneJob(dir, dir);
    const stated = { revision: null, serverCommand: null };
    const now = await makeCertificate(job, { version: certificate.tbench_version, stated, digest });
    return [...found, ...contentDifferences(certificate, now)];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [...found, `the record cannot be read as one job: ${error.message}`];
  }
}

/** All but the files, and but what whoever certifies may have stated, which a record need not have. */
function contentDifferences(before: Certificate, after: Certificate): string[] {
  return [
    ...differences(trialsWithoutFiles(before), trialsWithoutFiles(after), 'trials'),
    ...differences(before.statistics, after.statistics, 'statistics'),
    ...differences(
      { ...before.job, name: null, revision: null },
      { ...after.job, name: null, revision: null },
      'job',
    ),
    ...differences(before.engine, after.engine, 'engine'),
    ...differences(before.server.versions, after.server.versions, 'server.versions'),
    ...differences(before.tasks, after.tasks, 'tasks'),
  ];
}

function trialsWithoutFiles({ trials }: Certificate): Record<string, unknown> {
  return Object.fromEntries(Object.entries(trials).map(([name, trial]) => [name, { ...trial, files: null }]));
}

function fileDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  folder: string,
): string[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths.flatMap((path) => {
    if (before[path] === after[path]) return [];
    const what =
      after[path] === undefined ? 'is gone' : before[path] === undefined ? 'was added' : 'was changed';
    return [`${folder}${path} ${what}`];
  });
}

/** Paths at which two values of JSON differ, with both sides. */
function differences(before: unknown, after: unknown, path: string): string[] {
  if (isTable(before) && isTable(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], `${path}.${key}`));
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(after)];
  return was === is ? [] : [`${path} is ${shorten(is)}, the certificate says ${shorten(was)}`];
}

function shorten(text: string | undefined): string {
  const whole = text ?? 'nothing';
  return whole.length > 200 ? `${whole.slice(0, 200)}...` : whole;
}
