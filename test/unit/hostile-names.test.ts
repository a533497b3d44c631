import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAction } from '../../src/agent/loop/parse-action.js';
import { parseComposeEnvFile } from '../../src/dataset/formats/compose/env-file.js';
import { interpolate } from '../../src/dataset/formats/compose/interpolate.js';
import { readProject } from '../../src/dataset/formats/compose/read-project.js';
import { loadFolder } from '../../src/dataset/load-folder.js';
import { resolveEnv } from '../../src/dataset/resolve-env.js';
import { storedRewards } from '../../src/record/reward.js';
import { renderGroupTable } from '../../src/report/score/group-table.js';
import { readRewards } from '../../src/results/formats/harbor/read-rewards.js';
import { readMiniSweAgent } from '../../src/results/formats/read-mini-swe-agent.js';
import { readTerminalBench1 } from '../../src/results/formats/read-terminal-bench-1.js';
import { scoreJob } from '../../src/score/job/score-job.js';
import { readReward } from '../../src/verifier/tests/reward.js';
import { syntheticJob } from '../doubles/synthetic-job.js';
import { harborTask, scratchFolder } from '../doubles/task-folder.js';

/** What every object has, and what sets its prototype. */
const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

/** A table with one own value of that name, as JSON.parse makes it. */
function tableOf(name: string, value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify({ name: value }).replace('"name"', JSON.stringify(name))) as Record<
    string,
    unknown
  >;
}

describe.each(names)('the name %s is data', (name) => {
  it('of a task, its environment, its metadata', async () => {
    await using scratch = await scratchFolder();
    const toml = `schema_version = "1.1"\n[metadata]\n${name} = "a"\n[environment.env]\n${name} = "1"\n`;
    await scratch.write(Object.fromEntries([...Object.entries(harborTask(name, toml))]));
    const { tasks } = await loadFolder(scratch.dir);
    expect(tasks.map((task) => task.name)).toEqual([name]);
    expect(Object.entries(tasks[0]!.environment.env)).toEqual([[name, '1']]);
    expect(Object.entries(tasks[0]!.metadata)).toEqual([[name, 'a']]);
  });

  it('of a variable, set or not', () => {
    expect(interpolate(`<\${${name}}$${name}>`, {})).toBe('<>');
    expect(Object.entries(parseComposeEnvFile(`${name}=1\nA=$${name}`, {}))).toEqual([
      [name, '1'],
      ['A', '1'],
    ]);
    expect(() => resolveEnv({ A: `\${${name}}` }, {})).toThrow('which is not set');
    expect(resolveEnv({ A: `\${${name}:-x}` }, {})).toEqual({ A: 'x' });
  });

  it('of a service, a network, a volume and a label of a compose file', async () => {
    const text = `
services:
  main:
    image: a
    labels: { ${name}: x }
    environment: { ${name}: x }
    networks: [${name}]
    volumes: ['${name}:/data']
networks: { ${name}: {} }
volumes: { ${name}: {} }`;
    const source = { taskDir: '/t', dir: '/t', file: 'compose.yaml', text } as never;
    const { project, refusals } = await readProject(source, {});
    expect(refusals).toEqual([]);
    expect(project.networks.map((network) => network.name)).toEqual([name]);
    expect(project.volumes.map((volume) => volume.name)).toEqual([name]);
    expect(Object.entries(project.services[0]!.env)).toEqual([[name, 'x']]);

    const named = `services:\n  main: { image: a, depends_on: [${name}] }\n  ${name}: { image: a }`;
    const reading = readProject({ taskDir: '/t', dir: '/t', file: 'c', text: named } as never, {});
    // The one that JavaScript's tables cannot have is refused, and never left out in silence.
    if (name === '__proto__') await expect(reading).rejects.toThrow('services."__proto__"');
    else expect((await reading).project.services.map((service) => service.name)).toEqual(['main', name]);
  });

  it('of a reward, from the file to the record', () => {
    const json = `{"${name}": 0.5, "b": 1}`;
    const reading = readReward({ txt: null, json, refused: [] }, 'json');
    if (reading.kind !== 'reward') throw new Error(reading.message);
    expect(reading.reward).toBe(0.75);
    expect(Object.entries(storedRewards(reading.rewards, 0.75))).toContainEqual([name, 0.5]);
    expect(Object.entries(readRewards({ rewards: JSON.parse(json) as unknown }).rewards)).toContainEqual([
      name,
      0.5,
    ]);
  });

  it("of an argument of the model's call, and of its tool", () => {
    const rules = { source: { kind: 'tool' }, truncated: 'reject', noCall: 'submit', run: 'all' } as never;
    const act = (call: string, text: string): unknown =>
      parseAction(
        { content: '', truncated: false, toolCalls: [{ id: '1', name: call, arguments: text }] as never },
        rules,
        'bash',
      );
    expect(act('bash', `{"${name}": {"command": "id"}}`)).toMatchObject({ reason: 'missing-command' });
    expect(act(name, '{"command": "id"}')).toMatchObject({ reason: 'wrong-tool' });
  });

  it('of a key to group by, of tasks that have it and of tasks that have not', () => {
    const job = syntheticJob([[1], [0]], name);
    const withKey = {
      ...job,
      trials: job.trials.map((trial) => ({ ...trial, metadata: tableOf(name, 'hard') })),
    };
    expect(renderGroupTable(scoreJob(job, { groupBy: [name] }), [name], 80)).toBeNull();
    expect(renderGroupTable(scoreJob(withKey, { groupBy: [name] }), [name], 80)).toContain('hard');
  });

  it("of a failure in another harness's records", async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hostile-names-'));
    try {
      const entry = { trial_name: 'a.1-of-1.x', task_id: name, is_resolved: false, failure_mode: name };
      await writeFile(join(dir, 'results.json'), JSON.stringify({ results: [entry] }));
      const listing = { path: dir, files: ['results.json', 'preds.json', 'a.traj.json'], folders: [] };
      const job = await readTerminalBench1(listing);
      expect(job.trials.map(({ task, ending }) => [task, ending])).toEqual([[name, null]]);
      await writeFile(join(dir, 'preds.json'), JSON.stringify(tableOf(name, {})));
      await writeFile(
        join(dir, 'a.traj.json'),
        JSON.stringify({ instance_id: name, info: { exit_status: name }, messages: [] }),
      );
      const mini = await readMiniSweAgent(listing);
      expect(mini.trials.map(({ task, ending }) => [task, ending])).toEqual([[name, null]]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
