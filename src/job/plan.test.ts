import { expect, test } from 'vitest';
import type { Task } from '../dataset/task.js';
import { planTrials, runnableTasks } from './plan.js';

const task = (name: string, timeoutMs: number | null): Task =>
  ({ name, steps: [], agent: { timeoutMs, user: null } }) as unknown as Task;

test('starts the longest timeouts first and names every attempt once', () => {
  const plan = planTrials([task('b', 10), task('a', 10), task('slow', 900), task('endless', null)], 2);
  expect(plan.map((trial) => trial.name)).toEqual([
    'endless__1',
    'endless__2',
    'slow__1',
    'slow__2',
    'a__1',
    'a__2',
    'b__1',
    'b__2',
  ]);
});

test('what recorded jobs took goes before the timeout, which still counts a quarter', () => {
  const tasks = [task('quick', 900_000), task('slow', 900_000), task('long', 3_600_000)];
  const past = new Map([
    ['quick', 60_000],
    ['slow', 800_000],
    ['long', 70_000],
  ]);
  expect(planTrials(tasks, 1, past).map(({ task: { name } }) => name)).toEqual(['slow', 'long', 'quick']);
});

test('a task that no job knows is expected to take the share of its timeout that the known ones took', () => {
  const tasks = [task('known', 1_000_000), task('brisk', 1_000_000), task('new', 1_000_000)];
  const past = new Map([
    ['known', 300_000],
    ['brisk', 100_000],
  ]);
  expect(planTrials(tasks, 1, past).map(({ task: { name } }) => name)).toEqual(['known', 'new', 'brisk']);
});

test('attempts at tasks alike take turns', () => {
  const tasks = [task('a', 900_000), task('b', 900_000)];
  const past = new Map([
    ['a', 300_000],
    ['b', 300_000],
  ]);
  expect(planTrials(tasks, 2, past).map(({ name }) => name)).toEqual(['a__1', 'b__1', 'a__2', 'b__2']);
});

const brings = (extras: Partial<Task['environment']>, conversation: string | null = null): Task =>
  ({
    name: 't',
    refusals: [],
    conversation,
    environment: { mcpServers: [], skillsDir: null, ...extras },
  }) as unknown as Task;

test('what a harness does not tell is refused with the reason; oracle and nop pass it over', () => {
  const servers = [{ name: 'web', transport: 'sse', url: 'http://x', command: null, args: [] }] as const;
  const tasks = [brings({ mcpServers: servers, skillsDir: '/skills' })];
  expect(runnableTasks(tasks).leftOut).toEqual([]);
  expect(runnableTasks(tasks, { name: 'told', taskExtras: true }).leftOut).toEqual([]);
  const reason = (what: string): string => `brings ${what}, and harness tmax does not say task_extras: true`;
  expect(runnableTasks(tasks, { name: 'tmax', taskExtras: false })).toEqual({
    tasks: [],
    leftOut: [`t: left out, cannot be run: ${reason('MCP servers (web)')}; ${reason('skills (/skills)')}`],
  });
  const earlier = [brings({}, 'trajectory.json')];
  expect(runnableTasks(earlier, { name: 'told', taskExtras: true }).leftOut).toEqual([]);
  expect(runnableTasks(earlier, { name: 'tmax', taskExtras: false }).leftOut[0]).toContain(
    reason('an earlier conversation (trajectory.json)'),
  );
  expect(runnableTasks(earlier).leftOut).toEqual([]);
});
