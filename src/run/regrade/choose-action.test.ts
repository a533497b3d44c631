import { expect, test } from 'vitest';
import type { Task } from '../../dataset/task.js';
import type { TrialResult } from '../../record/trial-result.js';
import type { ManifestEntry } from '../../trial/artifacts/manifest.js';
import { chooseAction, type RecordedPart } from './choose-action.js';

const kept = (source: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  source,
  destination: `artifacts${source}`,
  type: 'directory',
  status: 'ok',
  service: 'main',
  exclude: [],
  ...more,
});

function recordedOf(version: string | null, more: Partial<RecordedPart> = {}): RecordedPart {
  const result = { step_results: null, tbench: { ending: 'submitted', task_digest: 'sha256:old' } };
  const manifest = [kept('/logs/artifacts', { status: 'empty' }), kept('/srv/out')];
  return { result: result as unknown as TrialResult, version, manifest, final: null, ...more };
}

function taskOf(version: string | null, more: object = {}): Task {
  const artifact = { source: '/srv/out', destination: null, service: null, exclude: [] };
  const task = {
    steps: [],
    artifacts: [artifact],
    verifier: { separate: {} },
    identity: { version },
    ...more,
  };
  return task as unknown as Task;
}

/** Tests that run where the agent worked, on a sandbox that was kept. */
const inside = { verifier: { separate: null }, environment: { compose: null } };
const final = {
  version: 1 as const,
  image: { reference: 'localhost/tbench/final:0', id: 'sha256:0' },
  changes: [],
  initial: { home: '/root', changedPaths: [] },
  killed: [],
};
const listening = {
  ...recordedOf(null).result,
  integrity: {
    evidence: {
      scene: {
        ...{ changed_paths: 0, changed_sample: [], watched: [], processes: [], killed: [] },
        ...{ sockets: ['0.0.0.0:80 tcp'], workdir_recreated: false, package_manager: null },
      },
    },
  },
} as unknown as TrialResult;

const choose = (recorded: RecordedPart, task: Task, digest = 'sha256:new', force = false) =>
  chooseAction(recorded, task, { digest, force });

test.each([
  ['1.2.3', '1.2.4', 'reuse'],
  ['1.2.3', '1.3.0', 'regrade'],
  ['1.2.3', '2.0.0', 'rerun'],
  ['1.2.3', '1.3.0-rc.1', 'rerun'],
  [null, '1.0.0', 'rerun'],
  ['1.0.0', null, 'rerun'],
  ['1.0.0', '1.0.0', 'rerun'],
  ['1.0', '1.1', 'rerun'],
])('version %s that became %s asks to %s', (before, after, action) => {
  expect(choose(recordedOf(before), taskOf(after)).action).toBe(action);
});

test('a trial whose sandbox was kept is regraded where its tests run inside', () => {
  expect(choose(recordedOf('1.0.0', { final }), taskOf('1.1.0', inside)).action).toBe('regrade');
});

test('a task that is what it was is regraded, and one that is another too where that is asked for', () => {
  expect(choose(recordedOf(null), taskOf(null), 'sha256:old').action).toBe('regrade');
  expect(choose(recordedOf(null), taskOf(null), 'sha256:new', true).action).toBe('regrade');
});

test.each([
  ['no longer there', { verifier: { separate: null } }, {}, /sandbox of the agent, which is gone/],
  ['beside services', { ...inside, environment: { compose: {} } }, { final }, /beside services/],
  ['with services left', inside, { final, result: listening }, /services running \(0.0.0.0:80 tcp\)/],
  ['of steps', { steps: [{}] }, {}, /has steps/],
  ['without a manifest', {}, { manifest: null }, /no artifacts\/manifest.json/],
  ['without a new artifact', {}, { manifest: [kept('/logs/artifacts')] }, /artifact \/srv\/out was not kept/],
  [
    'whose artifact was kept in part',
    {},
    { manifest: [kept('/logs/artifacts'), kept('/srv/out', { exclude: ['*.o'] })] },
    /was not kept/,
  ],
  [
    'whose artifact was too large',
    {},
    { manifest: [kept('/logs/artifacts'), kept('/srv/out', { status: 'failed', detail: 'too large' })] },
    /was not kept: too large/,
  ],
])('what is %s has to be made again', (_what, task, recorded, reason) => {
  const choice = choose(recordedOf('1.0.0', recorded), taskOf('1.1.0', task));
  expect(choice.action).toBe('rerun');
  expect(choice.reason).toMatch(reason);
});

test('what the agent never made is missing for the new tests too: a nop can be regraded', () => {
  const manifest = [
    kept('/logs/artifacts'),
    kept('/srv/out', { status: 'failed', detail: 'there is nothing' }),
  ];
  expect(choose(recordedOf('1.0.0', { manifest }), taskOf('1.1.0')).action).toBe('regrade');
});

test('a trial whose agent infrastructure broke has nothing to be graded', () => {
  const result = { step_results: null, tbench: { ending: null, task_digest: 'sha256:old' } };
  const broken = recordedOf('1.0.0', { result: result as unknown as TrialResult });
  expect(choose(broken, taskOf('1.1.0'))).toMatchObject({ action: 'rerun' });
});
