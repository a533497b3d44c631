import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { sideOfJob, type ComparisonSide } from '../../score/comparison/comparison-side.js';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { chooseAmong, chooseRevisions, type Revision } from './choose-revisions.js';
import { evaluateAdaptively } from './evaluate-adaptively.js';
import { listCheckpoints } from './list-checkpoints.js';
import { listRevisions, revisionSource } from './revision-source.js';
import { watchRevisions } from './watch-revisions.js';
import { EnvironmentError } from '../../base/errors.js';

let dir: string;
beforeEach(() => {
  dir = temporaryDir('revisions');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const named = (...names: string[]): Revision[] => names.map((revision) => ({ revision, commit: null }));
const names = (revisions: readonly Revision[]): string[] => revisions.map(({ revision }) => revision);

describe('the revisions of a sweep', () => {
  it('are those that a glob matches, by step and not by letter, each n-th', () => {
    const listed = named('step_100', 'main', 'step_20', 'step_40', 'step_60', 'run/step_5');
    const choose = (patterns: string[], every = 1): string[] =>
      names(chooseRevisions(listed, { patterns, every }));
    expect(choose(['step_*'])).toEqual(['step_20', 'step_40', 'step_60', 'step_100']);
    expect(choose(['step_*'], 2)).toEqual(['step_40', 'step_100']);
    expect(choose(['step_?0', 'main', 'step_20'])).toEqual(['step_20', 'step_40', 'step_60', 'main']);
    expect(choose(['a1b2c3'])).toEqual(['a1b2c3']);
    expect(choose(['*[*'])).toEqual([]);
  });

  it('are the branches of a git repository with their commits', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: dir,
        encoding: 'utf8',
      });
    git('init', '--quiet', '--initial-branch=main');
    git('commit', '--quiet', '--allow-empty', '-m', 'one');
    git('branch', 'step_20');
    const source = await revisionSource(dir, {});
    expect(source.kind).toBe('git');
    const commit = git('rev-parse', 'HEAD').trim();
    const { revisions } = await listRevisions(source, { env: process.env, signal });
    expect(revisions).toEqual([
      { revision: 'main', commit },
      { revision: 'step_20', commit },
    ]);
    const nowhere = await revisionSource(`file://${join(dir, 'nothing')}`, {});
    await expect(listRevisions(nowhere, { env: process.env, signal })).rejects.toThrow('cannot be listed');
  });

  it('are the branches of a repository of the hub, asked with the token', async () => {
    const asked: unknown[] = [];
    const hub = createServer((request, response) => {
      asked.push([request.url, request.headers.authorization]);
      if (request.url?.includes('gone') === true) return response.writeHead(404).end();
      const branches = [{ name: 'main', ref: 'refs/heads/main', targetCommit: 'c1' }, { name: 'step_20' }];
      return response.end(JSON.stringify({ branches, converts: [], tags: [] }));
    });
    await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
    const env = { HF_ENDPOINT: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`, HF_TOKEN: 'key' };
    const { revisions } = await listRevisions(await revisionSource('org/model', env), { env, signal });
    expect(revisions).toEqual([
      { revision: 'main', commit: 'c1' },
      { revision: 'step_20', commit: null },
    ]);
    expect(asked).toEqual([['/api/models/org/model/refs', 'Bearer key']]);
    const gone = await revisionSource('org/gone', env);
    await expect(listRevisions(gone, { env, signal })).rejects.toThrow('the branches cannot be listed at');
    hub.close();
  });

  it('are the folders of a folder of checkpoints, as soon as each is whole', async () => {
    const old = new Date(Date.now() - 60_000);
    const write = (step: string, file: string, text = 'x'): void => {
      mkdirSync(join(dir, step), { recursive: true });
      writeFileSync(join(dir, step, file), text);
      utimesSync(join(dir, step, file), old, old);
    };
    write('checkpoint-10', 'model.safetensors');
    write(
      'checkpoint-20',
      'model.safetensors.index.json',
      JSON.stringify({ weight_map: { a: 'm-1', b: 'm-2' } }),
    );
    write('checkpoint-20', 'm-1');
    write('tmp-checkpoint-40', 'model.safetensors');
    mkdirSync(join(dir, 'checkpoint-30'));
    expect(await listCheckpoints(dir)).toEqual({
      revisions: named('checkpoint-10'),
      unfinished: ['checkpoint-20', 'checkpoint-30'],
    });
    write('checkpoint-20', 'm-2');
    writeFileSync(join(dir, 'checkpoint-10', 'more'), 'just now');
    expect(await listCheckpoints(dir)).toEqual({
      revisions: named('checkpoint-20'),
      unfinished: ['checkpoint-10', 'checkpoint-30'],
    });
  });
});

describe('the n-th of revisions that appear and go', () => {
  const listing = (there: readonly string[], unfinished: readonly string[] = []) => ({
    revisions: there.map((revision) => ({ revision, commit: null })),
    unfinished,
  });
  const second = { patterns: ['step_*'], every: 2 };
  const names = (found: ReturnType<typeof chooseAmong>) => ({
    taken: found.taken.map(({ revision }) => revision),
    passed: found.passed,
  });

  it('is counted with those still being written and with those that were deleted', () => {
    expect(names(chooseAmong(listing(['step_1', 'step_2', 'step_3']), [], second))).toEqual({
      taken: ['step_2'],
      passed: ['step_1', 'step_3'],
    });
    const later = listing(['step_3', 'step_4', 'step_6'], ['step_5']);
    expect(names(chooseAmong(later, ['step_1', 'step_2', 'step_3'], second))).toEqual({
      taken: ['step_4', 'step_6'],
      passed: ['step_3'],
    });
    expect(names(chooseAmong(listing([]), ['step_1', 'step_2'], second))).toEqual({ taken: [], passed: [] });
  });

  it('leaves names as they are', () => {
    expect(
      names(chooseAmong(listing(['main', 'step_1']), [], { patterns: ['v2', 'main'], every: 3 })),
    ).toEqual({
      taken: ['v2', 'main'],
      passed: [],
    });
  });
});

describe('a watch', () => {
  it('evaluates what appears, outlives a source that is away, and ends when nothing comes', async () => {
    const answers = [1, 'away', 0, 2];
    const told: string[] = [];
    let looks = 0;
    const lookAndEvaluate = (): Promise<number> => {
      const answer = answers[looks] ?? 0;
      looks += 1;
      return typeof answer === 'number'
        ? Promise.resolve(answer)
        : Promise.reject(new EnvironmentError(answer));
    };
    const tell = (line: string): void => void told.push(line);
    await watchRevisions({ lookAndEvaluate, tell, pollMs: 10, idleMs: 3000 }, signal);
    expect(looks).toBeGreaterThan(4);
    expect(told).toEqual(['away']);
  });
});

describe('an adaptive sweep', () => {
  const passes = (task: number, attempt: number, rate: number): number =>
    Number(((task * 7 + attempt * 13) % 40) / 40 < rate);
  const sideAt = (rate: number, attempts: number): ComparisonSide =>
    sideOfJob(
      syntheticJob(
        Array.from({ length: 40 }, (_, task) =>
          Array.from({ length: attempts }, (__, attempt) => passes(task, attempt, rate)),
        ),
      ),
    );

  it('drops what is shown to be below the best, and says what a full grid would have cost', async () => {
    const rates: Record<string, number> = { bad: 0.05, good: 0.6, close: 0.55 };
    const rounds: string[] = [];
    const entries = Object.keys(rates).map((revision) => ({
      revision,
      commit: null,
      job: revision,
      server_commands: [],
    }));
    const end = await evaluateAdaptively(entries, 4, {
      evaluate: (running, attempts) =>
        Promise.resolve(void rounds.push(`${running.map(({ job }) => job).join(' ')} ${attempts}`)),
      look: ({ revision }, attempts) =>
        Promise.resolve({ side: sideAt(rates[revision] ?? 0, attempts), agentMs: 1000 * 40 * attempts }),
      tell: () => undefined,
    });
    expect(rounds).toEqual(['bad good close 2', 'good close 3', 'good close 4']);
    expect(end.running.map(({ revision }) => revision)).toEqual(['good', 'close']);
    expect(end).toMatchObject({
      trials: 40 * 10,
      fullTrials: 40 * 12,
      agentMs: 400_000,
      fullAgentMs: 480_000,
    });
  });
});
