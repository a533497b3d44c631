import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identify } from '../../src/base/process-identity.js';
import { cleanCommand } from '../../src/cli/clean.js';
import { ownerLabels } from '../../src/sandbox/cleanup/labels.js';
import { outputOf } from '../doubles/command-output.js';
import { openFakeEngine } from '../doubles/fake-engine.js';

const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
const killed = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
let containers: object[] = [];

beforeAll(async () => {
  const owners = {
    living: identify(living.pid),
    killed: identify(killed.pid),
    elsewhere: { ...identify(), realm: 'another host' },
  };
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  containers = Object.entries(owners).map(([name, owner]) => ({
    Id: name,
    Names: [`/tbench-${name}`],
    Labels: ownerLabels({ job: `job-${name}`, trial: 'a__1', task: 'a' }, owner),
  }));
});
afterAll(() => living.kill('SIGKILL'));

/** What `tbench clean` prints, and what it removes. */
async function clean(...args: string[]): Promise<{ stdout: string; removed: string[] }> {
  await using engine = await openFakeEngine((request) =>
    request === 'GET /containers/json'
      ? { status: 200, body: containers }
      : request.startsWith('DELETE /containers/')
        ? { status: 200, body: {} }
        : null,
  );
  const { stdout, error } = await outputOf(cleanCommand(), '--engine', engine.socket, ...args);
  expect(error).toBeNull();
  const removed = engine.asked.filter((one) => one.startsWith('DELETE /containers/'));
  return {
    stdout,
    removed: [...new Set(removed.map((one) => one.replace('DELETE /containers/', '')))].sort(),
  };
}

it('takes what a killed process left, and nothing else', async () => {
  const { stdout, removed } = await clean();
  expect(removed).toEqual(['killed']);
  expect(stdout).toBe(
    `removed container tbench-killed (job job-killed, trial a__1, process ${killed.pid} is gone)\n`,
  );
});

it('names with --all whose the others are, and leaves them', async () => {
  const { stdout, removed } = await clean('--all');
  expect(removed).toEqual(['killed']);
  expect(stdout).toContain(
    `left container tbench-living (job job-living, trial a__1, process ${living.pid} still runs)`,
  );
  expect(stdout).toContain('left container tbench-elsewhere');
  expect(stdout).toContain('tbench clean --all --force removes what was left, running trials with it');
  const { spared } = JSON.parse((await clean('--all', '--json')).stdout) as {
    spared: { name: string; ownerPid: number }[];
  };
  expect(spared).toMatchObject([
    { name: 'tbench-living', ownerPid: living.pid },
    { name: 'tbench-elsewhere' },
  ]);
});

it('removes those of the living by force alone, and nothing in a rehearsal', async () => {
  expect((await clean('--all', '--force')).removed).toEqual(['elsewhere', 'killed', 'living']);
  const rehearsal = await clean('--all', '--force', '--dry-run');
  expect(rehearsal.removed).toEqual([]);
  expect(rehearsal.stdout).toContain(
    `would remove container tbench-living (job job-living, trial a__1, process ${living.pid} still runs)`,
  );
});
