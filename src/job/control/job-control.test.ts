import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentOf, openJobBench, type JobBench } from '../../../test/doubles/trial-tools.js';
import { CancelledError, EnvironmentError, InputError } from '../../base/errors.js';
import { sleep } from '../../base/deadline.js';
import { takeFileLock } from '../../base/files/file-lock.js';
import type { Agent } from '../../agent/agent.js';
import type { Ending } from '../../record/ending.js';
import type { ControlCommand } from '../../record/control-command.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import { scoreJob } from '../../score/job/score-job.js';
import { runJob } from '../run-job.js';
import { openControlSocket } from './open-control-socket.js';
import { sendCommand } from './send-command.js';

const forever = new AbortController().signal;

/** An agent that takes turns until its trial's name is let go. */
function turning(): { agent: Agent; turns: Map<string, number>; release: Set<string> } {
  const turns = new Map<string, number>();
  const release = new Set<string>();
  const agent = agentOf(async ({ trialName, hold, clock }): Promise<Ending> => {
    while (!release.has(trialName) && !release.has('all')) {
      await hold();
      turns.set(trialName, (turns.get(trialName) ?? 0) + 1);
      await sleep(5, clock.signal);
    }
    return 'finished';
  });
  return { agent, turns, release };
}

const oneAttempt = { run: { attempts: 1 } };

async function startJob(bench: JobBench, concurrency = 2) {
  const { agent, turns, release } = turning();
  const request = bench.request({ run: { attempts: 1, concurrency } });
  const ended = runJob(request, bench.tools(agent), forever).catch((error: unknown) => error as Error);
  const tell = (command: ControlCommand) => sendCommand(request.dir, command, forever);
  const see = (trial: string) =>
    expect.poll(() => turns.get(trial) ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
  return { dir: request.dir, ended, tell, see, turns, release };
}

test('a paused job takes no turns and starts no trials until it is resumed; the time is nobody’s', async () => {
  await using bench = await openJobBench(3);
  const job = await startJob(bench);
  await job.see('task-1__1');
  expect(await job.tell({ action: 'pause', trials: [] })).toEqual({ done: true, text: 'paused by hand' });
  expect(await job.tell({ action: 'pause', trials: [] })).toMatchObject({ done: false });
  await sleep(50);
  const before = new Map(job.turns);
  await sleep(300);
  expect(job.turns).toEqual(before);
  job.release.add('all');
  expect(await job.tell({ action: 'resume', trials: [] })).toMatchObject({ done: true });
  expect(await job.ended).toMatchObject({ done: 3, cancelled: [] });
  expect(bench.events).toContainEqual({ kind: 'job-control', command: { action: 'pause', trials: [] } });
  const [summary] = await readJobFolder(job.dir);
  const paused = summary?.trials.find(({ name }) => name === 'task-1__1')?.clock;
  expect(paused?.pausedMs).toBeGreaterThan(300);
  expect(paused?.wallMs).toBeLessThan(300);
  expect(summary && scoreJob(summary).notes.join()).toMatch(/2 trials paused by hand, \d+ s in all/);
});

test('one trial is paused beside others that go on', async () => {
  await using bench = await openJobBench(2);
  const job = await startJob(bench);
  await job.see('task-1__1');
  await job.see('task-2__1');
  await job.tell({ action: 'pause', trials: ['task-1__1'] });
  await sleep(50);
  const held = job.turns.get('task-1__1');
  job.release.add('task-2__1');
  await expect.poll(() => bench.events.some(({ kind }) => kind === 'trial-end')).toBe(true);
  expect(job.turns.get('task-1__1')).toBe(held);
  job.release.add('all');
  await job.tell({ action: 'resume', trials: ['task-1__1'] });
  expect(await job.ended).toMatchObject({ done: 2 });
});

test('cancelled trials have no verdict, are told, and are made when the job is continued', async () => {
  await using bench = await openJobBench(3);
  const job = await startJob(bench, 1);
  await job.see('task-1__1');
  // One that is under way, one that is ahead.
  await job.tell({ action: 'cancel', trials: ['task-1__1', 'task-2__1'] });
  job.release.add('all');
  expect(await job.ended).toMatchObject({ done: 1, cancelled: ['task-1__1', 'task-2__1'] });
  const [summary] = await readJobFolder(job.dir);
  expect(summary?.cancelled).toBe(2);
  const notes = summary && scoreJob(summary).notes;
  expect(notes).toContain('2 trials cancelled by hand: no verdict, not counted');
  const again = await runJob(bench.request(oneAttempt), bench.tools(agentOf(() => 'finished')), forever);
  expect(again).toMatchObject({ done: 3, reused: 1, cancelled: [] });
  expect((await readJobFolder(job.dir))[0]?.cancelled).toBe(0);
});

test('a cancelled job ends as at Ctrl-C, paused or not', async () => {
  await using bench = await openJobBench(2);
  const job = await startJob(bench, 1);
  await job.see('task-1__1');
  await job.tell({ action: 'pause', trials: [] });
  await job.tell({ action: 'cancel', trials: [] });
  expect(await job.ended).toBeInstanceOf(CancelledError);
  expect(bench.engine.open).toBe(0);
});

test('the number of trials at once is changed while the job runs', async () => {
  await using bench = await openJobBench(4);
  const job = await startJob(bench, 1);
  await job.see('task-1__1');
  expect(await job.tell({ action: 'set', concurrency: 3 })).toMatchObject({ done: true });
  await job.see('task-3__1');
  job.release.add('all');
  await job.ended;
  expect(bench.engine.mostOpen).toBe(3);
});

test.each<[string, ControlCommand, RegExp]>([
  ['a trial that is not there', { action: 'cancel', trials: ['task-1__11'] }, /did you mean task-1__1\?/],
  ['a trial that has not begun', { action: 'pause', trials: ['task-2__1'] }, /has not started/],
  ['a trial that is not paused', { action: 'resume', trials: ['task-1__1'] }, /is not paused/],
  ['a job that is not paused', { action: 'resume', trials: [] }, /not paused/],
])('%s is answered with what is wrong', async (_, command, why) => {
  await using bench = await openJobBench(2);
  const job = await startJob(bench, 1);
  await job.see('task-1__1');
  const answer = await job.tell(command);
  expect(answer.done).toBe(false);
  expect(answer.text).toMatch(why);
  job.release.add('all');
  expect(await job.ended).toMatchObject({ done: 2 });
});

test('a job that nobody works on is refused, and a socket left by a dead process with it', async () => {
  await using bench = await openJobBench(1);
  const { dir } = bench.request();
  await mkdir(dir, { recursive: true });
  const stale = createServer().listen(join(dir, 'control.sock'));
  await once(stale, 'listening');
  await expect(sendCommand(dir, { action: 'pause', trials: [] }, forever)).rejects.toThrow(InputError);
  const job = await startJob(bench);
  await job.see('task-1__1');
  // The new job has put its own in the place of the other.
  expect(await job.tell({ action: 'pause', trials: [] })).toMatchObject({ done: true });
  job.release.add('all');
  await job.tell({ action: 'resume', trials: [] });
  await job.ended;
  expect(await readdir(dir)).not.toContain('control.sock');
  stale.close();
});

test('a link, a file, a silent or a lying process in the place of the socket is not believed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-control-'));
  await using _lock = await takeFileLock(join(dir, 'process.lock'));
  const path = join(dir, 'control.sock');
  const refuse = () =>
    expect(sendCommand(dir, { action: 'pause', trials: [] }, forever)).rejects.toThrow(EnvironmentError);
  await refuse();
  await writeFile(path, 'x');
  await refuse();
  await rm(path);
  const elsewhere = join(dir, 'elsewhere.sock');
  const liar = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`{"done":true,"text":"${'x'.repeat(200_000)}"}\n`);
  }).listen(elsewhere);
  await once(liar, 'listening');
  await symlink(elsewhere, path);
  await refuse();
  await rm(path);
  const close = createServer((socket) => socket.destroy()).listen(path);
  await once(close, 'listening');
  await refuse();
  liar.close();
  close.close();
  await rm(dir, { recursive: true });
});

test.each([8, 200])(
  'takes bounded commands from its user alone, in a folder whose path has %d bytes more',
  async (more) => {
    const dir = join(await mkdtemp(join(tmpdir(), 'tbench-control-')), 'd'.repeat(more));
    await mkdir(dir);
    const seen: ControlCommand[] = [];
    const control = join(dir, 'control.sock');
    const open = () =>
      openControlSocket({ dir, control }, (command) => (seen.push(command), { done: true, text: 'yes' }));
    {
      await using _first = await open();
      await using _second = await open();
      expect((await stat(control)).mode & 0o777).toBe(0o600);
      expect(await readdir(dir)).toEqual(['control.sock']);
      const { address, ...handle } = await (
        await import('./socket-address.js')
      ).openSocketAddress(dir, 'control.sock');
      const say = async (text: string): Promise<string> => {
        const socket = connect(address);
        socket.on('error', () => undefined);
        socket.write(text);
        let said = '';
        socket.on('data', (part: Buffer) => (said += part.toString()));
        await new Promise((resolve) => socket.on('close', resolve));
        return said;
      };
      expect(await say('{"action":"set","concurrency":5}\n')).toContain('yes');
      for (const odd of ['no json\n', '{"action":"set","concurrency":0}\n', '{"action":"rm","trials":[]}\n'])
        expect(await say(odd)).toContain('no command');
      expect(await say(`{"action":"${'x'.repeat(2_000_000)}`)).toBe('');
      await Promise.all(['1', '2', '3'].map((n) => say(`{"action":"set","concurrency":${n}}\n`)));
      await handle[Symbol.asyncDispose]();
    }
    expect(seen.map((command) => (command.action === 'set' ? command.concurrency : 0)).sort()).toEqual([
      1, 2, 3, 5,
    ]);
    expect(await readdir(dir)).toEqual([]);
  },
);

test('a job that nobody paused has no pause in its records', async () => {
  await using bench = await openJobBench(1);
  const agent = agentOf(async ({ hold }): Promise<Ending> => {
    await hold();
    return 'finished';
  });
  const { dir } = await runJob(bench.request(oneAttempt), bench.tools(agent), forever);
  expect(await readFile(join(dir, 'task-1__1', 'result.json'), 'utf8')).not.toContain('pause_ms');
});
