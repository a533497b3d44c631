import { basename, join } from 'node:path';
import { ImageError, InputError } from '../../base/errors.js';
import { taskDigests } from '../../dataset/digest.js';
import type { Dataset, Task } from '../../dataset/task.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { trialLockSchema } from '../../results/formats/harbor/lock.js';
import { trialName, trialPaths } from '../../results/layout.js';
import { readJournal } from '../../results/read-journal.js';
import { readJson } from '../../results/read-file.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { finalStateSchema } from '../../trial/final/final-state.js';
import { manifestSchema } from '../../trial/artifacts/manifest.js';
import type { GradableTrial } from '../../trial/regrade-trial.js';
import { chooseAction, type Choice, type RecordedPart } from './choose-action.js';

interface ChosenTrial {
  readonly task: string;
  readonly attempt: number;
  readonly recorded: GradableTrial;
}

interface ReadTrials {
  readonly choices: Map<string, Choice>;
  /** Those to be regraded. */
  readonly chosen: Map<string, ChosenTrial>;
}

/** A kept sandbox lies on the engine that ran it, until somebody removes it. */
export async function leaveOutGone({ choices, chosen }: ReadTrials, engine: ContainerEngine): Promise<void> {
  for (const [name, { recorded }] of [...chosen]) {
    if (recorded.final === null) continue;
    const { reference, id } = recorded.final.image;
    const source = { reference, buildContext: null, dockerfile: '', buildTimeoutMs: 0 };
    const found = await engine
      .ensureImage(source, { pull: 'never', forceBuild: false })
      .catch((error: unknown) => {
        if (error instanceof ImageError) return null;
        throw error;
      });
    if (found?.id === id) continue;
    choices.set(name, { action: 'rerun', reason: 'the image of its sandbox is not on this engine any more' });
    chosen.delete(name);
  }
}

/** What becomes of each trial of a recorded job, and what is needed for those that are graded anew. */
export async function readTrials(
  {
    dir,
    trials,
    force,
  }: { readonly dir: string; readonly trials: readonly string[]; readonly force: boolean },
  datasets: readonly Dataset[],
): Promise<ReadTrials> {
  const tasks = readableTasks(datasets);
  const choices = new Map<string, Choice>();
  const chosen = new Map<string, ChosenTrial>();
  const digests = new Map<string, string>();
  for (const name of trials) {
    const cannot = (reason: string): unknown => choices.set(name, { action: 'rerun', reason });
    const result = await readJson(dir, join(name, 'result.json'), trialResultSchema);
    if (result.kind !== 'value') {
      cannot('its result.json cannot be read');
      continue;
    }
    const { task: own = result.value.task_name, attempt } = result.value.tbench;
    const task = tasks.get(own);
    if (task === undefined || name !== trialName(task.name, attempt)) {
      cannot(
        task === undefined ? 'its task is not in the dataset' : 'its folder has the name of another trial',
      );
      continue;
    }
    const digest = digests.get(task.name) ?? (await taskDigests(task.dir)).digest;
    digests.set(task.name, digest);
    const part = { result: result.value, ...(await readBeside(dir, name)) };
    const choice = chooseAction(part, task, { digest, force });
    choices.set(name, choice);
    if (choice.action !== 'regrade') continue;
    const paths = trialPaths(dir, name);
    const commands = await commandsOf(dir, paths.journal);
    const final = task.verifier.separate === null ? part.final : null;
    const recorded = { paths, job: basename(dir), result: result.value, commands, final };
    chosen.set(name, { task: task.name, attempt, recorded });
  }
  return { choices, chosen };
}

/** By name. Throws `InputError` when there is none: a dataset that cannot be read says nothing of the trials. */
function readableTasks(datasets: readonly Dataset[]): ReadonlyMap<string, Task> {
  const tasks = datasets.flatMap((dataset) => dataset.tasks);
  const [broken] = datasets.flatMap((dataset) => dataset.broken);
  if (tasks.length > 0) return new Map(tasks.map((task) => [task.name, task]));
  const why = broken === undefined ? '' : `: ${broken.name}: ${broken.error.message}`;
  throw new InputError(`${datasets.map(({ name }) => name).join(', ')} holds no task that can be read${why}`);
}

async function readBeside(dir: string, name: string): Promise<Omit<RecordedPart, 'result'>> {
  const lock = await readJson(dir, join(name, 'lock.json'), trialLockSchema);
  const manifest = await readJson(dir, join(name, 'artifacts/manifest.json'), manifestSchema);
  const final = await readJson(dir, join(name, 'final.json'), finalStateSchema);
  const version = lock.kind === 'value' ? lock.value.task['version'] : null;
  return {
    version: typeof version === 'string' ? version : null,
    manifest: manifest.kind === 'value' ? manifest.value : null,
    final: final.kind === 'value' ? final.value : null,
  };
}

/** What the agent ran, in order. */
async function commandsOf(dir: string, path: string): Promise<readonly string[]> {
  const journal = await readJournal(path, dir);
  return (journal?.entries ?? []).flatMap((entry) =>
    entry.kind === 'turn' ? entry.commands.map(({ command }) => command) : [],
  );
}
