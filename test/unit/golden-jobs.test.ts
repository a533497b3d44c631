import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportCommand } from '../../src/cli/export.js';
import { scoreCommand } from '../../src/cli/score.js';
import { jobConfigSchema } from '../../src/record/job-config.js';
import { jobResultSchema } from '../../src/record/job-result.js';
import { trialConfigSchema } from '../../src/record/trial-config.js';
import { trialResultSchema } from '../../src/record/trial-result.js';
import { parseJournal } from '../../src/results/read-journal.js';

/** Job folders that tbench 0.1.0 wrote, and beside them what it printed and exported of them. */
const golden = 'test/fixtures/golden-0.1.0';
const jobs = ['finished', 'oracle', 'interrupted'];

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'tbench-golden-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

async function score(job: string): Promise<string> {
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    await scoreCommand().parseAsync([job, '--json', '--results', golden], { from: 'user' });
  } finally {
    stdout.mockRestore();
  }
  return written.join('');
}

async function exported(job: string, format: string): Promise<string> {
  const path = join(out, `${job}.${format}`);
  await exportCommand().parseAsync([job, '--results', golden, '--format', format, '--out', path], {
    from: 'user',
  });
  return path;
}

/** One line a file, as `sha256sum` prints it. */
async function sums(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = files.map(async (file) => {
    const sum = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return { path: `.${file.slice(dir.length)}`, sum };
  });
  const sorted = (await Promise.all(lines)).sort((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map(({ path, sum }) => `${sum}  ${path}\n`).join('');
}

const expected = (name: string): Promise<string> => readFile(join(golden, 'expected', name), 'utf8');

describe.each(jobs)('the job %s of 0.1.0', (job) => {
  it('is scored as 0.1.0 scored it', async () => {
    expect(JSON.parse(await score(job))).toEqual(JSON.parse(await expected(`${job}.score.json`)));
  });

  it.each(['csv', 'jsonl', 'sharegpt'])('is exported as %s to the byte', async (format) => {
    expect(await readFile(await exported(job, format), 'utf8')).toBe(await expected(`${job}.${format}`));
  });

  it.each(['harbor', 'atif'])('is exported as %s to the byte', async (format) => {
    expect(await sums(await exported(job, format))).toBe(await expected(`${job}.${format}.sha256`));
  });

  it('fits the schemas of today, file by file', async () => {
    const json = async (...path: string[]): Promise<unknown> =>
      JSON.parse(await readFile(join(golden, job, ...path), 'utf8'));
    jobConfigSchema.parse(await json('config.json'));
    expect(jobResultSchema.parse(await json('result.json'))).toEqual(await json('result.json'));
    const trials = (await readdir(join(golden, job), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of trials) {
      const journal = await readFile(join(golden, job, name, 'agent', 'journal.jsonl'), 'utf8').catch(
        () => '',
      );
      expect(parseJournal(journal).skipped).toEqual([]);
      const done = await readdir(join(golden, job, name)).then((files) => files.includes('result.json'));
      if (!done) continue;
      const config = await json(name, 'config.json');
      expect(trialConfigSchema.parse(config)).toEqual(config);
      expect(trialResultSchema.parse(await json(name, 'result.json'))).toEqual(
        await json(name, 'result.json'),
      );
    }
  });
});
