import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentOf, openJobBench } from '../../test/doubles/trial-tools.js';
import { ResultsError } from '../base/errors.js';
import { trialSpecSchema, type TrialSpec } from '../record/trial-spec.js';
import { tryOutcomeSchema } from '../record/try-outcome.js';
import type { OpenDispatcher } from './dispatcher.js';
import { runJob } from './run-job.js';

const forever = new AbortController().signal;
const nop = agentOf(() => 'finished');

/** As if both ways went over a network: what is not plain data, or not of the agreed shape, does not arrive. */
function overTheWire(open: OpenDispatcher, sent: TrialSpec[] = []): OpenDispatcher {
  const transmit = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return (job) => {
    const dispatcher = open(job);
    return {
      run: async (spec, signal) => {
        const arrived = trialSpecSchema.parse(transmit(spec));
        sent.push(arrived);
        return tryOutcomeSchema.parse(transmit(await dispatcher.run(arrived, signal)));
      },
    };
  };
}

test('a spec that travelled as JSON makes the same trial', async () => {
  await using bench = await openJobBench(1);
  const results = [];
  for (const [name, wire] of [
    ['here', (open: OpenDispatcher) => open],
    ['there', overTheWire],
  ] as const) {
    const tools = bench.tools(nop);
    const request = bench.request({ name, dir: join(bench.dir, 'results', name), run: { attempts: 1 } });
    const { dir } = await runJob(request, { ...tools, openDispatcher: wire(tools.openDispatcher) }, forever);
    const text = await readFile(join(dir, 'task-1__1', 'result.json'), 'utf8');
    const { verifier_result, exception_info, task_checksum, tbench, integrity } = JSON.parse(text) as Record<
      string,
      Record<string, unknown>
    >;
    results.push({
      verifier_result,
      exception_info,
      task_checksum,
      integrity,
      ...tbench,
      phases_ms: 0,
      clock: 0,
    });
  }
  expect(results[0]).toMatchObject({
    verifier_result: { rewards: { reward: 1 } },
    ending: 'finished',
    tries: 1,
  });
  expect(results[1]).toEqual(results[0]);
});

test('a spec names no folder of this host and no variable by value', async () => {
  await using bench = await openJobBench(1);
  const sent: TrialSpec[] = [];
  const tools = bench.tools(nop);
  const request = bench.request({ run: { attempts: 1, trial: { passedVariables: ['SECRET_OF_TASKS'] } } });
  await runJob(request, { ...tools, openDispatcher: overTheWire(tools.openDispatcher, sent) }, forever);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    task: { name: 'task-1' },
    settings: { passedVariables: ['SECRET_OF_TASKS'] },
  });
  expect(JSON.stringify(sent)).not.toContain(bench.dir);
});

test('a task of other content than the spec means is not taken for it', async () => {
  await using bench = await openJobBench(1);
  const tools = bench.tools(nop);
  const openDispatcher: OpenDispatcher = (job) => {
    const dispatcher = tools.openDispatcher(job);
    const other = (spec: TrialSpec) => ({ ...spec, task: { ...spec.task, digest: 'sha256:other' } });
    return { run: (spec, signal) => dispatcher.run(other(spec), signal) };
  };
  const running = runJob(bench.request(), { ...tools, openDispatcher }, forever);
  await expect(running).rejects.toThrow(ResultsError);
  expect(bench.engine.created).toBe(0);
});
