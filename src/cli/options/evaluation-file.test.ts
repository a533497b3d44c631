import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { describeRunCommand } from '../run-options.js';
import { runSpecsFromOptions } from '../run-spec-from-options.js';
import { evaluationJsonSchema, printEvaluation, readEvaluationFile } from './evaluation-file.js';

const whole = `
model: [org/a, org/b]
base-url: http://gpu1:8000/v1
dataset: [sample, my/tasks]
tasks: fix-*
attempts: 5
concurrency: 16
fail-fast: true
pass-env: JUDGE_KEY
isolated-verify: auto
job: nightly
`;

async function commandWith(text: string, argv: readonly string[] = []) {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({ 'eval.yaml': text });
  const command = describeRunCommand().exitOverride();
  command.parse(argv, { from: 'user' });
  await readEvaluationFile(command, `${dir}/eval.yaml`);
  return command;
}

test('a file is a whole evaluation: a run of each model, with what it says', async () => {
  const command = await commandWith(whole);
  const specs = runSpecsFromOptions(command.opts(), {});
  expect(specs).toMatchObject(
    ['org/a', 'org/b'].map((name) => ({
      agent: { model: { name, baseUrls: ['http://gpu1:8000/v1'] } },
      datasets: ['sample', 'my/tasks'],
      tasks: { include: ['fix-*'] },
      attempts: 5,
      concurrency: 16,
      failFast: true,
      trial: { passedVariables: ['JUDGE_KEY'], verifier: { isolated: 'auto' } },
    })),
  );
  expect(command.opts().job).toBe('nightly');
});

test('the command line wins, option by option', async () => {
  const command = await commandWith(whole, ['-k', '1', '-m', 'mine', '--job', 'now']);
  expect(command.opts()).toMatchObject({ attempts: 1, model: ['mine'], job: 'now', concurrency: 16 });
});

test('shares and points are written as on the command line', async () => {
  const command = await commandWith('max-drop: 2pp\nfind-drop: 8 %\nalpha: 0.01\nmiss: 10%');
  expect(command.opts()).toMatchObject({ maxDrop: 0.02, findDrop: 0.08, alpha: 0.01, miss: 0.1 });
});

test('what --print-config prints is a file that means the same', async () => {
  const command = await commandWith(whole, ['--retries', '0']);
  const again = await commandWith(printEvaluation(command));
  expect(runSpecsFromOptions(again.opts(), {})).toEqual(runSpecsFromOptions(command.opts(), {}));
});

test.each([
  ['attempt: 3', /Unrecognized key: "attempt"/],
  ['attempts: many', /attempts/],
  ['attempts: 0', /attempts/],
  ['clock: sun', /clock/],
  ['max-drop: far', /max-drop/],
  ['max-drop: 200pp', /eval.yaml: max-drop: .*points/],
  ['- model', /expected object/i],
  ['a: [', /not YAML/],
])('%j is refused with file and key', async (text, message) => {
  await expect(commandWith(text)).rejects.toThrow(message);
});

test('a misspelt key is told with the right one', async () => {
  await expect(commandWith('atempts: 3')).rejects.toMatchObject({ hint: 'atempts: did you mean attempts?' });
});

test('the schema in docs/ is this one, and has every option of a run but those that are about the command itself', async () => {
  const published = JSON.parse(await readFile('docs/evaluation.schema.json', 'utf8')) as {
    properties: object;
  };
  expect(published).toEqual(evaluationJsonSchema());
  const own = new Set(['config', 'print-config', 'dry-run', 'json', 'no-adopt']);
  const names = describeRunCommand().options.map(({ long }) => (long ?? '').slice(2));
  expect(Object.keys(published.properties).sort()).toEqual(names.filter((name) => !own.has(name)).sort());
});
