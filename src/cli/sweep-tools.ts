import { join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';
import { defaultServeRequest, servedName, shellLine, vllmCommand } from '../model/preflight/vllm-command.js';
import { listModels } from '../model/service/server-status.js';
import { parseServerAddress } from '../model/wire/server-address.js';
import type { RunSpecInput } from '../record/run-spec.js';
import { readOneJob } from '../review/find-jobs.js';
import { slug } from '../run/jobs/job-name.js';
import { apiKeyOf } from '../run/local/open-model.js';
import { openRun } from '../run/open-run.js';
import type { AdaptiveLook } from '../run/sweep/evaluate-adaptively.js';
import type { RevisionSource } from '../run/sweep/revision-source.js';
import type { SweepEntry, SweepTools } from '../run/sweep/run-sweep.js';
import { serveRevision, type RevisionServer } from '../run/sweep/serve-revision.js';
import { sideOfJob } from '../score/comparison/comparison-side.js';
import type { Interrupt } from './interrupt.js';
import { taskSelection } from './options/task-options.js';
import { lineDisplay, openDisplay, type RunDisplay } from './run-display.js';
import type { SweepFlags } from './sweep-options.js';
import { tell } from './tell.js';
import { appendAll } from '../base/append-all.js';

/** What a sweep is made with on this machine. */
export interface SweepPlace {
  readonly model: string;
  readonly dir: string;
  readonly flags: SweepFlags;
  readonly source: RevisionSource;
  readonly interrupt: Interrupt;
  readonly reports: JobReport[];
}

/** How a sweep's revisions are served and evaluated. */
export function sweepTools(place: SweepPlace): SweepTools {
  return {
    serve: (revision, slot) => serve(revision, slot, place),
    evaluate: async (entry, server, attempts) => {
      appendAll(place.reports, await evaluate(entry, { server, attempts }, place));
    },
    tell,
  };
}

/** The first attempts of a revision's job, for `--adaptive`. */
export async function lookAtJob(dir: string, { job }: SweepEntry, attempts: number): Promise<AdaptiveLook> {
  const whole = await readOneJob(join(dir, job), dir);
  const trials = whole.trials.filter(({ attempt }) => (attempt ?? 1) <= attempts);
  const agentMs = trials.reduce((sum, { phasesMs }) => sum + (phasesMs.agent ?? 0), 0);
  return { side: sideOfJob({ ...whole, trials }), agentMs };
}

async function serve(revision: string, slot: number, place: SweepPlace): Promise<RevisionServer> {
  const { model, dir, flags, interrupt } = place;
  const apiKey = apiKeyOf(process.env);
  const named = (flags.baseUrl ?? []).find((entry) => entry.startsWith(`${revision}=`));
  if (named !== undefined) {
    const address = parseServerAddress(named.slice(revision.length + 1), apiKey);
    // A server that is away is told of by the run itself.
    const models = await listModels(address, interrupt.signal).catch(() => []);
    return {
      baseUrl: address.baseUrl,
      models: models.map(({ id }) => id),
      command: null,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const port = flags.port + slot;
  const command = flags.serveCommand ?? servedByVllm(revision, port, place);
  return serveRevision(
    {
      command,
      revision,
      port,
      apiKey,
      env: {
        ...process.env,
        ...(apiKey === null ? {} : { VLLM_API_KEY: apiKey }),
        MODEL: model,
        REVISION: revision,
        SERVED_NAME: servedName({ model, revision }),
        PORT: String(port),
        SLOT: String(slot),
      },
      logFile: join(dir, `server-${slug(revision)}.log`),
      startLimitMs: flags.startLimit * 60_000,
    },
    interrupt.signal,
  );
}

/** The command that `tbench serve` prints. A checkpoint of a folder is a model of its own path. */
function servedByVllm(revision: string, port: number, { model, flags, source }: SweepPlace): string {
  if (flags.baseUrl !== undefined)
    throw new InputError(`nothing serves ${revision}`, {
      hint: `Name a server with --base-url ${revision}=URL, or how to start one with --serve-command.`,
    });
  const request = { ...defaultServeRequest, port };
  return shellLine(
    source.kind === 'folder'
      ? vllmCommand({ ...request, model: join(source.dir, revision) })
      : vllmCommand({ ...request, model, revision }),
  );
}

/** The name to ask a server by: it must say which revision it is, or at least the model. */
function nameAt({ models }: RevisionServer, revision: string, { model, source }: SweepPlace): string {
  const folder = source.kind === 'folder' ? source.dir : resolve(model);
  const names = [
    servedName({ model, revision }),
    join(folder, revision),
    `${model}/${revision}`,
    model,
    revision,
  ];
  return names.find((name) => models.includes(name)) ?? model;
}

function specOf(
  name: string,
  attempts: number,
  { baseUrl }: RevisionServer,
  flags: SweepFlags,
): RunSpecInput {
  return {
    datasets: flags.dataset ?? ['tb-lite'],
    tasks: taskSelection(flags),
    attempts,
    concurrency: flags.concurrency,
    agent: { kind: 'model', harness: { name: flags.harness }, model: { name, baseUrls: [baseUrl] } },
    trial: { pull: flags.pull },
  };
}

async function evaluate(
  { revision, job }: SweepEntry,
  { server, attempts }: { readonly server: RevisionServer; readonly attempts: number },
  place: SweepPlace,
): Promise<readonly JobReport[]> {
  const { dir, flags, interrupt } = place;
  using display = openDisplayOf(revision, flags.servers);
  await using run = await openRun(specOf(nameAt(server, revision, place), attempts, server, flags), {
    env: process.env,
    engine: flags.engine ?? null,
    resultsDir: dir,
    jobName: job,
    signal: interrupt.signal,
    tell: display.tell,
  });
  using _closing = interrupt.closeBeforeQuitting(run);
  return await run.start(display.show);
}

/** Two live displays would draw over each other: several jobs at once tell lines, each with its revision. */
function openDisplayOf(revision: string, servers: number): RunDisplay {
  return servers === 1 ? openDisplay() : lineDisplay((text) => tell(`${revision}: ${text.trimEnd()}`));
}
