import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadHarness } from '../../agent/harness/load-harness.js';
import { InputError } from '../../base/errors.js';
import { privateModes } from '../../results/private-modes.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { writePrivate } from '../../results/write-file.js';
import type { TrialMessage } from '../../job/queue/messages.js';
import type { LocalTools } from '../../job/local-dispatcher.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { localTools } from '../local/local-tools.js';
import { openModel } from '../local/open-model.js';
import type { Surroundings } from '../surroundings.js';

/** What a worker makes the trials of runs with, opened once a run. */
export interface WorkerRuns extends AsyncDisposable {
  /** Throws what keeps this worker from making the run's trials: a model server that does not answer, another harness. */
  toolsOf(message: TrialMessage): Promise<LocalTools>;
}

export interface WorkerRunParts extends Pick<Surroundings, 'env' | 'signal' | 'tell'> {
  readonly engine: ContainerEngine;
  /** This worker's own model servers; null uses those that the run names. */
  readonly baseUrls: readonly string[] | null;
  readonly spoolDir: string;
}

export function openWorkerRuns(parts: WorkerRunParts): WorkerRuns {
  const opened = new Map<string, Promise<LocalTools & AsyncDisposable>>();
  return {
    toolsOf(message) {
      const { run, harness } = message;
      const key = createHash('sha256')
        .update(JSON.stringify([run, harness]))
        .digest('hex');
      const known = opened.get(key);
      if (known !== undefined) return known;
      const opening = openTools(message, parts);
      opened.set(key, opening);
      // The next trial tries again: a server that is still loading is not gone for good.
      opening.catch(() => opened.delete(key));
      return opening;
    },
    async [Symbol.asyncDispose]() {
      for (const tools of await Promise.allSettled(opened.values()))
        if (tools.status === 'fulfilled') await tools.value[Symbol.asyncDispose]();
    },
  };
}

async function openTools(
  { run, harness: text, spec }: TrialMessage,
  parts: WorkerRunParts,
): Promise<LocalTools & AsyncDisposable> {
  const { engine, env } = parts;
  if (run.agent.kind !== 'model' || text === null)
    return {
      ...localTools(run, { engine, served: null, env }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  const harness = await loadHarness(await writeHarness(text, parts.spoolDir));
  if (harness.digest !== spec.harness?.digest)
    throw new InputError(
      `the harness that came has the digest ${harness.digest}, not ${spec.harness?.digest}`,
    );
  const asked = run.agent.model;
  const model = await openModel({ ...asked, baseUrls: parts.baseUrls ?? asked.baseUrls }, harness, parts);
  const tools = localTools(run, { engine, served: { harness, model }, env });
  return { ...tools, [Symbol.asyncDispose]: () => model.service[Symbol.asyncDispose]() };
}

async function writeHarness(text: string, spoolDir: string): Promise<string> {
  const dir = join(spoolDir, 'harness');
  await makeFolder(dir, privateModes.folder);
  const path = join(dir, `${createHash('sha256').update(text).digest('hex')}.yaml`);
  await writePrivate(path, text);
  return path;
}
