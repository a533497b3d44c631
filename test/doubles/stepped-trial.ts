import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const golden = fileURLToPath(new URL('../fixtures/golden-0.1.0/finished', import.meta.url));

/**
 * A finished trial of a task of two steps, made of two recorded trials of one: `write` is passed, `extend` failed. Its record names
 * a third step, by a path that leads elsewhere.
 */
export function writeSteppedTrial(trial: string): void {
  const steps = { write: 1, extend: 0 };
  for (const [step, reward] of Object.entries(steps)) {
    const dir = join(trial, 'steps', step);
    cpSync(join(golden, reward === 1 ? 'fix-interval-merge__2' : 'fix-interval-merge__1'), dir, {
      recursive: true,
    });
    writeFileSync(join(dir, 'verifier/test-stdout.txt'), `tests of ${step}`);
  }
  const step_results = [...Object.entries(steps), ['../../finished', 0]].map(([step_name, reward]) => ({
    step_name,
    verifier_result: { rewards: { reward } },
  }));
  const result = { task_name: 'grow', trial_name: 'grow__1', verifier_result: { rewards: { reward: 0.5 } } };
  writeFileSync(join(trial, 'result.json'), JSON.stringify({ ...result, step_results }));
}

/** A step under way: its conversation as far as `lines`, of a recorded one. */
export function beginStep(trial: string, step: string, lines: readonly string[]): void {
  const agent = join(trial, 'steps', step, 'agent');
  mkdirSync(agent, { recursive: true });
  writeFileSync(join(agent, 'journal.jsonl'), `${lines.join('\n')}\n`);
}
