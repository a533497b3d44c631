import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, type ScratchFolder } from '../doubles/task-folder.js';
import { runCli } from './cli.js';

const probes = fileURLToPath(new URL('../fixtures/harbor-probes', import.meta.url));

interface Stored {
  readonly verifier_environment_mode: string | null;
  readonly verifier_result: { readonly rewards: unknown } | null;
  readonly exception_info: { readonly exception_type: string } | null;
  readonly step_results:
    | readonly {
        readonly step_name: string;
        readonly verifier_result: { readonly rewards: unknown } | null;
        readonly exception_info: { readonly exception_type: string } | null;
      }[]
    | null;
}

/** Ours where Harbor has another name: a setup.sh that fails is a fault of the task, and named so. */
const renamed: Readonly<Record<string, string>> = { TaskError: 'RuntimeError' };

/** A trial in the words of harbor-0.26.tsv, which says what Harbor 0.26.0 made of the same task. */
function told({ verifier_result, exception_info, step_results, verifier_environment_mode }: Stored): unknown {
  return {
    rewards: verifier_result?.rewards ?? null,
    mode: verifier_environment_mode,
    exception: exception_info?.exception_type ?? null,
    steps: (step_results ?? []).map((step) => [
      step.step_name,
      step.verifier_result?.rewards ?? null,
      nameOf(step.exception_info?.exception_type),
    ]),
  };
}

function nameOf(type: string | undefined): string | null {
  return type === undefined ? null : (renamed[type] ?? type);
}

function expected(rewards: string, rest: string): unknown {
  const parts = rest.split('; ').filter((part) => !part.startsWith('mode='));
  const mode = /mode=(\w+)/.exec(rest)?.[1];
  const steps = parts.flatMap((part) => {
    const [, name, value = '', type] = /^([\w-]+)=(null|\{.*\})(?: (\w+))?$/.exec(part) ?? [];
    return name === undefined ? [] : [[name, JSON.parse(value) as unknown, type ?? null]];
  });
  return {
    rewards: JSON.parse(rewards) as unknown,
    mode: mode === undefined || mode === 'None' ? null : mode,
    exception: /^(\w+Error): /.exec(rest)?.[1] ?? null,
    steps,
  };
}

const rows = (await readFile(path.join(probes, 'harbor-0.26.tsv'), 'utf8'))
  .trim()
  .split('\n')
  .map((line) => line.split('\t'));

describe("the probes, against Harbor 0.26's rewards and step results", { timeout: 300_000 }, () => {
  let scratch: ScratchFolder;
  beforeAll(async () => {
    scratch = await scratchFolder();
    const args = ['run', '--dataset', probes, '--agent', 'oracle', '--attempts', '1', '--pull', 'never'];
    await runCli([...args, '--results', scratch.dir, '--job', 'probes']);
  }, 300_000);
  afterAll(() => scratch[Symbol.asyncDispose]());

  it.each(rows)('%s', async (name = '', _agent, rewards = '', rest = '') => {
    const file = path.join(scratch.dir, 'probes', `${name}__1`, 'result.json');
    expect(told(JSON.parse(await readFile(file, 'utf8')) as Stored)).toEqual(expected(rewards, rest));
  });
});
