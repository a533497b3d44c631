import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { certificateSchema, type Certificate } from '../../record/certificate.js';
import { scoreJob } from '../../score/job/score-job.js';
import { readOneJob } from '../find-jobs.js';
import { digestOf, makeCertificate } from './make-certificate.js';
import { checkAgainstJob, checkItself, readCertificate } from './verify-certificate.js';

const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
const trial = 'fix-interval-merge__2';
const stated = { revision: null, serverCommand: null };

let dir: string;
let job: string;
beforeEach(() => {
  dir = temporaryDir('certificate');
  job = join(dir, 'job');
  cpSync(golden, job, { recursive: true });
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function certify(): Promise<Certificate> {
  return makeCertificate(await readOneJob(job, dir), { version: '0', stated });
}

/** Changes one bit in the middle of a file. */
function changeByte(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe('a certificate', () => {
  it('has the figures of the score, is what its schema says, and matches the job it was made of', async () => {
    const certificate = await certify();
    const score = scoreJob(await readOneJob(job, dir));
    expect(certificate.statistics).toMatchObject({
      mean: score.mean,
      std: score.std,
      n_trials: score.nTrials,
      passes: score.passes,
    });
    const file = join(dir, 'c.json');
    writeFileSync(file, JSON.stringify(certificate));
    expect(await readCertificate(file)).toEqual(certificateSchema.parse(certificate));
    expect(checkItself(await readCertificate(file))).toEqual([]);
    expect(await checkAgainstJob(await readCertificate(file), job)).toEqual([]);
  });

  it('stays true when a job is moved, checked by replay, or worked on by nobody', async () => {
    const certificate = await certify();
    const moved = join(dir, 'elsewhere');
    cpSync(job, moved, { recursive: true });
    writeFileSync(join(moved, 'replay-check.json'), '{}');
    writeFileSync(join(moved, 'process.lock'), '');
    expect(await checkAgainstJob(certificate, moved)).toEqual([]);
  });

  it('names every file of a record of which a single byte was changed', async () => {
    const certificate = await certify();
    const paths = [
      ...Object.keys(certificate.files),
      ...Object.entries(certificate.trials).flatMap(([name, { files }]) =>
        Object.keys(files).map((path) => `${name}/${path}`),
      ),
    ].filter((path) => !path.endsWith('/'));
    expect(paths).toContain(`${trial}/agent/journal.jsonl`);
    expect(paths).toContain(`${trial}/result.json`);
    for (const path of paths.filter((one) => readFileSync(join(job, one)).length > 0)) {
      const before = readFileSync(join(job, path));
      changeByte(join(job, path));
      expect((await checkAgainstJob(certificate, job))[0], path).toBe(`${path} was changed`);
      writeFileSync(join(job, path), before);
    }
    expect(await checkAgainstJob(certificate, job)).toEqual([]);
  }, 120_000);

  it('names files that were added, taken away, put behind a link, or lie in a heap', async () => {
    mkdirSync(join(job, trial, 'artifacts', 'deep'), { recursive: true });
    writeFileSync(join(job, trial, 'artifacts', 'deep', 'a'), 'x');
    const certificate = await certify();
    writeFileSync(join(job, trial, 'artifacts', 'deep', 'a'), 'y');
    writeFileSync(join(job, trial, 'new.txt'), '');
    const result = join(job, trial, 'result.json');
    cpSync(result, join(dir, 'result.json'));
    unlinkSync(result);
    symlinkSync(join(dir, 'result.json'), result);
    unlinkSync(join(job, trial, 'config.json'));
    expect((await checkAgainstJob(certificate, job)).slice(0, 4)).toEqual([
      `${trial}/artifacts/ was changed`,
      `${trial}/config.json is gone`,
      `${trial}/new.txt was added`,
      `${trial}/result.json was changed`,
    ]);
  });

  it('is found out when it was changed itself, also with a new digest over false figures', async () => {
    const certificate = await certify();
    const statistics = { ...certificate.statistics, mean: 0.99 };
    const clumsy = { ...certificate, statistics };
    expect(checkItself(clumsy)).toEqual([
      'the certificate was changed: its digest is not that of its content',
      expect.stringMatching(
        /^statistics.mean is 0\.\d+, the certificate says 0.99, from the certificate's own/,
      ),
    ]);
    const careful = { ...clumsy, digest: digestOf(clumsy) };
    expect(checkItself(careful)).toHaveLength(1);
    const record = certificate.trials[trial];
    if (record === undefined) throw new Error('no such trial');
    const trials = { ...certificate.trials, [trial]: { ...record, effective_reward: 7 } };
    expect(await checkAgainstJob({ ...certificate, trials }, job)).toEqual([
      expect.stringMatching(`trials.${trial}.effective_reward is \\d, the certificate says 7`),
    ]);
  });

  it('has the revision, its commit and the commands that served it, from the sweep that the job is part of', async () => {
    const served = { server_commands: ['vllm serve', 'srun vllm serve'] };
    const revisions = [
      { revision: 'step_20', commit: 'c0ffee', job: 'job', ...served },
      { revision: 'step_40', commit: null, job: 'other', server_commands: ['sglang'] },
    ];
    const sweep = { kind: 'tbench-sweep', schema_version: 1, tbench_version: '0', model: 'm' };
    writeFileSync(join(dir, 'sweep.json'), JSON.stringify({ ...sweep, revisions }));
    const certificate = await certify();
    expect(certificate.job.revision).toEqual({ name: 'step_20', commit: 'c0ffee' });
    expect(certificate.server.command).toBe('vllm serve\nsrun vllm serve');
  });
});
