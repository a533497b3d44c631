import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, InputError } from '../base/errors.js';
import { plural } from '../base/plural.js';
import type { JobReport } from '../job/job.js';
import { readSweep } from '../review/curve-steps.js';
import { slug } from '../run/jobs/job-name.js';
import { chooseAmong, isGlob } from '../run/sweep/choose-revisions.js';
import { evaluateAdaptively, type AdaptiveEnd } from '../run/sweep/evaluate-adaptively.js';
import { listRevisions, revisionSource } from '../run/sweep/revision-source.js';
import { openSweep, type OpenSweep } from '../run/sweep/run-sweep.js';
import { watchRevisions } from '../run/sweep/watch-revisions.js';
import { readVersion } from '../run/version.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';
import { listenForInterrupt } from './interrupt.js';
import { describeSweep, type SweepFlags } from './sweep-options.js';
import { lookAtJob, sweepTools, type SweepPlace } from './sweep-tools.js';
import { print, tell } from './tell.js';

/** `tbench sweep MODEL --revisions A,B,'C*'`. */
export function sweepCommand() {
  return describeSweep().action(async (model, flags) => {
    refuseContradictions(flags);
    using interrupt = listenForInterrupt();
    const dir = join(flags.results, flags.name ?? `sweep-${slug(model)}`);
    const source = await revisionSource(flags.from ?? model, process.env);
    const reports: JobReport[] = [];
    const place: SweepPlace = { model, dir, flags, source, interrupt, reports };
    const known = await readSweep(dir);
    await mkdir(dir, { recursive: true });
    const request = {
      ...{ dir, model, attempts: flags.attempts, servers: flags.servers, version: readVersion() },
    };
    const sweep = await openSweep(request, sweepTools(place), known);
    if (flags.watch === undefined) await sweepOnce(sweep, place);
    else await watch(sweep, place, flags.watch);
    print(`${plural(sweep.entries().length, 'revision')} in ${dir}; what they say: tbench curve ${dir}\n`);
    complainAboutUnmeasured(reports, 'The same command');
  });
}

function refuseContradictions(flags: SweepFlags): void {
  if ((flags.dataset ?? []).length > 1)
    throw new InputError('a sweep is over one dataset, so that its jobs make one curve');
  if (flags.adaptive !== true) return;
  if (flags.watch !== undefined)
    throw new InputError('--adaptive compares revisions that are all there, and --watch waits for more', {
      hint: 'Watch first, and give the attempts beyond the first two with --adaptive afterwards.',
    });
  if (flags.attempts < 3)
    throw new InputError(`--adaptive has nothing to save of ${flags.attempts} attempts`, {
      hint: 'All revisions get two; name three or more with --attempts.',
    });
}

async function sweepOnce(sweep: OpenSweep, place: SweepPlace): Promise<void> {
  const { flags, dir } = place;
  await takeUp(sweep, place, new Set());
  if (sweep.entries().length === 0)
    throw new InputError(`no revision matches ${flags.revisions}`, {
      hint: 'Say with --from where they are listed: a git repository, a folder of checkpoints, a hub name.',
    });
  if (flags.adaptive !== true) return sweep.evaluate(sweep.entries());
  const end = await evaluateAdaptively(sweep.entries(), flags.attempts, {
    evaluate: sweep.evaluate,
    look: (entry, attempts) => lookAtJob(dir, entry, attempts),
    tell,
  });
  print(adaptiveText(end));
}

type SweepEntries = ReturnType<OpenSweep['entries']>;

async function watch(sweep: OpenSweep, place: SweepPlace, minutes: number | true): Promise<void> {
  const told = new Set<string>();
  let isFirst = true;
  let failed: EnvironmentError | null = null;
  const evaluate = async (entries: SweepEntries): Promise<void> => {
    try {
      await sweep.evaluate(entries);
    } catch (error) {
      // A revision that was not evaluated is told of now and at the end; the watch goes on.
      if (!(error instanceof EnvironmentError)) throw error;
      tell(error.message);
      failed = error;
    }
  };
  const lookAndEvaluate = async (): Promise<number> => {
    const added = await takeUp(sweep, place, told);
    // The first look also goes on with what an earlier start left.
    const entries = isFirst ? sweep.entries() : added;
    isFirst = false;
    if (entries.length > 0) await evaluate(entries);
    if (entries.length > 0) tell('watching for revisions');
    return added.length;
  };
  const idleMs = minutes === true ? null : minutes * 60_000;
  const pollMs = place.flags.poll * 1000;
  await watchRevisions({ lookAndEvaluate, tell, pollMs, idleMs }, place.interrupt.signal);
  throwIfSet(failed);
}

function throwIfSet(error: Error | null): void {
  if (error !== null) throw error;
}

/** Takes up the revisions asked for that are there now; half-written ones are told of once. */
async function takeUp(
  sweep: OpenSweep,
  { flags, source, interrupt }: SweepPlace,
  told: Set<string>,
): Promise<SweepEntries> {
  const patterns = flags.revisions.split(',').filter((revision) => revision !== '');
  if (!patterns.some(isGlob) && flags.watch === undefined)
    return sweep.add(patterns.map((revision) => ({ revision, commit: null })));
  const listing = await listRevisions(source, { env: process.env, signal: interrupt.signal });
  for (const name of listing.unfinished.filter((one) => !told.has(one))) {
    told.add(name);
    tell(`${name} is still being written, or lacks a shard`);
  }
  const before = [...sweep.entries().map(({ revision }) => revision), ...sweep.passed()];
  const { taken, passed } = chooseAmong(listing, before, { patterns, every: flags.every });
  // A watched name that is not listed yet is waited for, and what this watch has passed over stays passed over.
  const isThere = new Set(listing.revisions.map(({ revision }) => revision));
  const isPassed = new Set(flags.watch === undefined ? [] : sweep.passed());
  const wanted = taken.filter(
    ({ revision }) => !isPassed.has(revision) && (flags.watch === undefined || isThere.has(revision)),
  );
  return sweep.add(wanted, passed);
}

function adaptiveText({ running, trials, fullTrials, agentMs, fullAgentMs }: AdaptiveEnd): string {
  const hours = (ms: number): string => (ms / 3_600_000).toFixed(1);
  return `still in the running: ${running.map(({ revision }) => revision).join(', ')} (the best is lost with at most 5 %)
${trials} trials, ${hours(agentMs)} h of agents' time; a full grid would have cost ${fullTrials}, about ${hours(fullAgentMs)} h\n`;
}
