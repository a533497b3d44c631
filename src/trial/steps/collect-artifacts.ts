import { privateModes } from '../../results/private-modes.js';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivate, writeJson } from '../../results/write-file.js';
import { manifestName, planArtifacts, type PlannedArtifact } from '../artifacts/artifact-plan.js';
import { runHooks } from '../artifacts/collect-hooks.js';
import { keepFinal } from '../final/final-state.js';
import { keepArtifact, nothingThere, type Kept } from '../artifacts/keep-artifact.js';
import { manifestEntry } from '../artifacts/manifest.js';
import type { Collected, Left } from '../trial-state.js';
import { appendAll } from '../../base/append-all.js';

/** What a trial keeps where its task names no limit of storage. */
const defaultMaxBytes = 8 * 2 ** 30;
const tellEveryBytes = 256 * 2 ** 20;

/**
 * Runs the task's collect hooks and keeps what it asks for: main's, then the sidecars', for which main is stopped first; and the
 * sandbox itself, where the user wants that. Best effort by contract: artifacts/manifest.json tells what became of each, and nothing
 * fails the trial.
 */
export async function collectArtifacts(state: Left, signal: AbortSignal): Promise<Collected> {
  const { trial, environment } = state;
  const { task } = trial.spec;
  const plan = planArtifacts(task.artifacts);
  const services = ['main', ...[...environment.sandboxes.keys()].filter((name) => name !== 'main')];
  const kept = new Map<PlannedArtifact, Kept>();
  const warnings = [
    ...(await keepServices(state, signal)),
    ...task.verifier.collect
      .filter(({ service }) => !environment.sandboxes.has(service))
      .map(({ service, command }) => `collect hook without a service ${service}: ${command.slice(0, 200)}`),
  ];
  await mkdir(trial.store.paths.artifactsDir, { recursive: true, mode: privateModes.folder });
  for (const service of services) {
    const sandbox = environment.sandboxes.get(service);
    const hooks = task.verifier.collect.filter((hook) => hook.service === service);
    const wanted = plan.filter((one) => one.service === service);
    if (sandbox === undefined || hooks.length + wanted.length === 0) continue;
    const isLeft = state.isLast && task.verifier.separate !== null;
    if (service !== 'main' && isLeft) await environment.main.stop();
    appendAll(warnings, await runHooks(sandbox, hooks, signal));
    for (const planned of wanted) kept.set(planned, await keep(state, planned, { kept, signal }));
  }
  const entries = plan.map((planned) => kept.get(planned)?.entry ?? absent(planned));
  await writeJson(join(trial.store.paths.artifactsDir, manifestName), entries);
  const odd = entries.filter(({ detail }) => detail !== undefined && detail !== nothingThere);
  const lines = odd.map(({ source, status, detail }) => `artifact ${source} ${status}: ${detail ?? ''}`);
  appendAll(warnings, await keepFinal(state, signal));
  return { ...state, warnings: [...state.warnings, ...warnings, ...lines], artifacts: plan };
}

/** Keeps the end of what each service printed, and tells of those that did not live. */
async function keepServices({ trial, environment }: Left, signal: AbortSignal): Promise<string[]> {
  const reports = await environment.services(signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  });
  if (typeof reports === 'string') return [`the services' logs cannot be read: ${reports}`];
  const dir = trial.store.paths.servicesDir;
  if (reports.length > 0) await mkdir(dir, { recursive: true, mode: privateModes.folder });
  for (const { name, log } of reports) await writePrivate(join(dir, `${name}.log`), trial.store.redact(log));
  return reports
    .filter(({ isRunning, exitCode }) => !isRunning && exitCode !== 0)
    .map(
      ({ name, exitCode, wasKilledForMemory }) =>
        `service ${name} was dead when the agent had left: exit ${exitCode}${wasKilledForMemory ? ', out of memory' : ''}`,
    );
}

async function keep(
  { trial, environment }: Left,
  planned: PlannedArtifact,
  { kept, signal }: { readonly kept: ReadonlyMap<PlannedArtifact, Kept>; readonly signal: AbortSignal },
): Promise<Kept> {
  if (planned.isTaken) {
    const detail = 'another artifact is kept at this place';
    return { entry: manifestEntry(planned, { type: 'file', status: 'skipped', detail }), sizeBytes: 0 };
  }
  const sandbox = environment.sandboxes.get(planned.service) ?? environment.main;
  const used = [...kept.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { storageBytes } = trial.spec.task.environment;
  let told = 0;
  return keepArtifact(sandbox, planned, {
    dir: trial.store.paths.artifactsDir,
    maxBytes: Math.max(0, (storageBytes ?? defaultMaxBytes) - used),
    limitedBy:
      storageBytes === null ? '8 GiB a step, where the task names no storage_mb' : "the task's storage_mb",
    onBytes: (bytes) => {
      if (bytes - told < tellEveryBytes) return;
      told = bytes;
      const text = `artifact ${planned.path}: ${Math.round(bytes / 2 ** 20)} MiB kept`;
      trial.emit({ kind: 'trial-detail', trial: trial.spec.name, text });
    },
    signal,
  });
}

function absent(planned: PlannedArtifact): Kept['entry'] {
  const detail = `there is no service ${planned.service}`;
  return manifestEntry(planned, { type: 'file', status: 'failed', detail });
}
