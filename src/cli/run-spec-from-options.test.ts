import { describe, expect, it, test } from 'vitest';
import { runSpecSchema, type RunSpec } from '../record/run-spec.js';
import { describeRunCommand } from './run-options.js';
import { runSpecsFromOptions } from './run-spec-from-options.js';

function specOf(argv: readonly string[], env: Record<string, string> = {}): RunSpec {
  const command = describeRunCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const [spec] = runSpecsFromOptions(command.parse(argv, { from: 'user' }).opts(), env);
  if (spec === undefined) throw new Error('no run');
  return spec;
}

const oracle = ['--agent', 'oracle'];
const model = ['--model', 'org/m'];
const live = { kind: 'model', harness: { name: 'tmax', digest: null } };
const served = {
  name: 'org/m',
  kind: null,
  baseUrls: ['http://127.0.0.1:8000/v1'],
  concurrency: 'auto',
  outageLimitMs: 1_800_000,
  record: false,
};

describe('the options of tbench run', () => {
  it('have the short forms of the ecosystem', () => {
    const short = ['-a', 'oracle', '-d', 'x', '-t', 'a*', '-k', '2', '-n', '3', '-o', 'out', '-j', 'mine'];
    const long = [
      '--agent',
      'oracle',
      '--dataset',
      'x',
      '--tasks',
      'a*',
      '--attempts',
      '2',
      '--concurrency',
      '3',
    ];
    expect(specOf(short)).toEqual(specOf(long));
    expect(describeRunCommand().parse(short, { from: 'user' }).opts()).toMatchObject({
      results: 'out',
      job: 'mine',
    });
    expect(specOf(['-m', 'org/m'])).toEqual(specOf(model));
  });

  it('look for no server where a recording is the model', () => {
    expect(specOf(['-m', 'replay:results/job']).agent).toMatchObject({
      model: { name: 'replay:results/job', baseUrls: [] },
    });
  });

  it('make a run of each model named', () => {
    const options = describeRunCommand()
      .parse(['-m', 'a', '-m', 'org/b', '-m', 'a'], { from: 'user' })
      .opts();
    const names = runSpecsFromOptions(options, {}).map(
      ({ agent }) => agent.kind === 'model' && agent.model.name,
    );
    expect(names).toEqual(['a', 'org/b']);
  });

  it('left out are the defaults that a RunSpec has by itself', () => {
    expect(specOf(oracle)).toEqual(runSpecSchema.parse({ agent: { kind: 'oracle' } }));
    const agent = { kind: 'model' as const, model: { name: 'org/m', baseUrls: served.baseUrls } };
    expect(specOf(model)).toEqual(runSpecSchema.parse({ agent }));
  });

  it.each<[string[], object]>([
    [['--dataset', 'sample', '--dataset', 'my/tasks'], { datasets: ['sample', 'my/tasks'] }],
    [['--tasks', 'a*', '--tasks', 'b'], { tasks: { include: ['a*', 'b'], exclude: [], limit: null } }],
    [['--exclude', 'x?', '--limit', '3'], { tasks: { include: [], exclude: ['x?'], limit: 3 } }],
    [['--attempts', '5'], { attempts: 5 }],
    [['--concurrency', '16', '--retries', '0'], { concurrency: 16, retries: 0 }],
    [['--timeout-multiplier', '2.5'], { trial: { timeoutMultiplier: 2.5 } }],
    [['--clock', 'working'], { trial: { clock: 'working' } }],
    [['--pull', 'never', '--force-build'], { trial: { pull: 'never', forceBuild: true } }],
    [['--block-private'], { trial: { blockPrivate: true } }],
    [['--keep-sandboxes'], { trial: { keepSandboxes: true } }],
    [['--pass-env', 'A', '--pass-env', 'B'], { trial: { passedVariables: ['A', 'B'] } }],
    [['--verifier-retries', '0'], { trial: { verifier: { retries: 0 } } }],
    [['--negative-control', 'sample'], { trial: { verifier: { negativeControl: 'sample' } } }],
    [['--isolated-verify', 'auto'], { trial: { verifier: { isolated: 'auto' } } }],
    [['--reward-file', 'txt'], { trial: { verifier: { rewardPrecedence: 'txt' } } }],
  ])('%j change what they name and nothing else', (argv, change) => {
    expect(specOf([...oracle, ...argv])).toEqual(merged(specOf(oracle), change));
  });

  it.each<[string[], object]>([
    [['--harness', 'mini-swe-agent'], { harness: { name: 'mini-swe-agent' } }],
    [
      ['--base-url', 'http://a:1', '--base-url', 'http://b:2/v1/'],
      { model: { baseUrls: ['http://a:1/v1', 'http://b:2/v1'] } },
    ],
    [['--model-concurrency', '8'], { model: { concurrency: 8 } }],
    [['--outage-limit', '0.5'], { model: { outageLimitMs: 30_000 } }],
    [['--record'], { model: { record: true } }],
  ])('%j of the model change what they name and nothing else', (argv, change) => {
    const expected = merged({ ...live, model: served }, change);
    expect(specOf([...model, ...argv]).agent).toEqual(expected);
  });

  it('refuse credentials in the address of a server, where a job would record them', () => {
    expect(() => specOf([...model, '--base-url', 'http://me:secret@a:1/v1'])).toThrow('are not used');
  });

  it.each(['', '  '])('look for a server at the default place when the variable is %j', (value) => {
    const { agent } = specOf(model, { OPENAI_BASE_URL: value });
    expect(agent).toMatchObject({ model: { baseUrls: ['http://127.0.0.1:8000/v1'] } });
  });

  it('name a server by the environment when they do not name one', () => {
    const { agent } = specOf(model, { OPENAI_BASE_URL: 'http://gpu:9/v1', OPENAI_API_KEY: 'secret' });
    expect(agent).toMatchObject({ model: { baseUrls: ['http://gpu:9/v1'] } });
    expect(JSON.stringify(agent)).not.toContain('secret');
  });
});

test('a spec is plain data: written as JSON and read again it is the same', () => {
  const spec = specOf([...model, '--dataset', 'sample', '--pass-env', 'A', '--limit', '2']);
  expect(runSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
});

test('a model without the model agent, and the model agent without a model, are refused', () => {
  expect(() => specOf([])).toThrow('--model NAME is needed');
  expect(() => specOf([...oracle, ...model])).toThrow('--agent oracle uses no model');
});

test('a spec never holds a credential of a server', () => {
  const baseUrls = ['http://me:secret@gpu:1/v1'];
  expect(() => runSpecSchema.parse({ agent: { kind: 'model', model: { name: 'm', baseUrls } } })).toThrow(
    'leave user and password out',
  );
});

function merged<T extends object>(base: T, change: object): T {
  const entries = Object.entries(change).map(([key, value]: [string, unknown]) => {
    const before: unknown = (base as Record<string, unknown>)[key];
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [key, isBranch ? merged(before as object, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}
