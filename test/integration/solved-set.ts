import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { scratchFolder, type ScratchFolder } from '../doubles/task-folder.js';
import { runCli } from './cli.js';

/** What a trial stored, as far as tests of whole tasks look. */
export interface SolvedTrial {
  readonly verifier_result: { readonly rewards: Record<string, number> } | null;
  readonly integrity: { readonly verdict: string } | null;
  readonly exception_info: { readonly exception_type: string; readonly exception_message: string } | null;
  readonly tbench: { readonly warnings: readonly string[]; readonly blame?: string };
}

type TaskSet = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Runs the reference solutions of tasks written as files, in one job before the tests of a file. */
export function useSolvedSet(given: TaskSet | (() => TaskSet)): {
  /** What the task's trial stored, or a file of it. */
  read(task: string): Promise<SolvedTrial>;
  text(task: string, file: string): Promise<string>;
} {
  let scratch: ScratchFolder;
  let stderr = '';
  const text = (task: string, file: string): Promise<string> =>
    readFile(path.join(scratch.dir, 'field', `${task}__1`, file), 'utf8').catch(() => stderr);
  beforeAll(async () => {
    scratch = await scratchFolder();
    const files = Object.entries(typeof given === 'function' ? given() : given).flatMap(([task, parts]) =>
      Object.entries(parts).map(([file, content]) => [`set/${task}/${file}`, content] as const),
    );
    await scratch.write(Object.fromEntries(files));
    const args = ['run', '--dataset', path.join(scratch.dir, 'set'), '--agent', 'oracle', '--attempts', '1'];
    stderr = (await runCli([...args, '--pull', 'never', '--results', scratch.dir, '--job', 'field'])).stderr;
  }, 300_000);
  afterAll(() => scratch[Symbol.asyncDispose]());
  return {
    read: async (task) => JSON.parse(await text(task, 'result.json')) as SolvedTrial,
    text,
  };
}
