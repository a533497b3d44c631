import { createAgent } from '../agent/create-agent.js';
import { loadHarness } from '../agent/harness/load-harness.js';
import type { Harness } from '../agent/harness/harness.js';
import { EnvironmentError, InputError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';
import { runJob } from '../job/run-job.js';
import type { Divergence } from '../model/model-event.js';
import type { OpenModelService } from '../model/service/open-model-service.js';
import { createRedactor } from '../results/redact.js';
import { createVerifier } from '../verifier/create-verifier.js';
import { freeSpaceWarnings } from './doctor-checks.js';
import { listenForInterrupt, type Interrupt } from './interrupt.js';
import { openEngine, passedEnv } from './open-tools.js';
import { openModel } from './open-model.js';
import { openDisplay, type RunDisplay } from './run-display.js';
import { describeRunCommand, type RunOptions } from './run-options.js';
import { continueJobs, loadDatasets, planRun, type RunPlan, type RunSetting } from './run-request.js';
import { readJob } from '../results/read-job.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreTable } from '../report/score/table.js';
import { scoreJob } from '../score/job/score-job.js';
import { terminalWidth } from './terminal-width.js';
import { readVersion } from './version.js';

export function runCommand() {
  return describeRunCommand().action(async (options) => {
    using interrupt = listenForInterrupt();
    const reports = await run(options, interrupt);
    await printScores(reports, options.json);
    process.stderr.write(reports.map((report) => `results in ${report.dir}\n`).join(''));
    complainAboutUnmeasured(reports);
  });
}

/** Everything up to the table: opens what is needed, runs every job, closes what was opened. */
async function run(options: RunOptions, interrupt: Interrupt): Promise<JobReport[]> {
  const { env } = process;
  using display = openDisplay();
  const tell = (line: string): void => display.tell(line);
  const { signal } = interrupt;
  checkAgentOptions(options);
  const harness = options.agent === 'model' ? await loadHarness(options.harness) : null;
  for (const note of harness?.notes ?? []) tell(`harness ${harness?.name ?? ''}: ${note}`);
  const job = { dir: options.results };
  const models = await openModel({ options, harness, env, signal, tell, jobDir: () => job.dir });
  await using _models = models?.service;
  const datasets = await loadDatasets({ options, env, signal, tell });
  await using engine = await openEngine({ engine: options.engine, env, signal, tell });
  for (const warning of await freeSpaceWarnings(options.results, engine.info)) tell(warning);
  interrupt.lastResort = () => Promise.resolve(engine[Symbol.asyncDispose]());
  const setting: RunSetting = {
    options,
    settings: trialSettings(options, harness, models?.service ?? null),
    harness,
    notes: { engine: engine.info, base_urls: models?.baseUrls ?? [], servers: models?.servers ?? [] },
    env,
    signal,
    tell,
  };
  const plan = await continueJobs(planRun(datasets, setting), setting);
  const service = models?.service ?? null;
  const reports = await runJobs(plan, {
    engine,
    models: service,
    harness,
    setting,
    display,
    onJob: (dir) => (job.dir = dir),
  });
  if (service?.kind === 'replay') tell(divergenceSummary(service.divergences()));
  return reports;
}

/** How faithful a replay was: where the sandboxes answered otherwise than when the turns were recorded. */
function divergenceSummary(divergences: readonly Divergence[]): string {
  const trials = new Set(divergences.map(({ task, attempt }) => `${task}__${attempt}`));
  if (trials.size === 0) return 'replay: every observation was the recorded one';
  return `replay: ${divergences.length} turns of ${trials.size} trials saw something else than was recorded: ${[...trials].slice(0, 5).join(', ')}`;
}

interface RunTools {
  readonly engine: Awaited<ReturnType<typeof openEngine>>;
  readonly models: OpenModelService | null;
  readonly harness: Harness | null;
  readonly setting: RunSetting;
  readonly display: RunDisplay;
  /** Told the folder of each job before it starts. */
  readonly onJob: (dir: string) => void;
}

async function runJobs(
  plan: RunPlan,
  { engine, models, harness, setting, display, onJob }: RunTools,
): Promise<JobReport[]> {
  for (const note of plan.notes) setting.tell(note);
  const agent = createAgent(setting.options.agent, {
    harness,
    models,
    hostEnv: setting.settings.hostEnv,
    version: readVersion(),
  });
  const tools = {
    engine,
    agent,
    verifier: createVerifier(setting.settings.hostEnv),
    redact: createRedactor([setting.env['OPENAI_API_KEY'], ...Object.values(setting.settings.hostEnv)]),
  };
  const reports: JobReport[] = [];
  for (const request of plan.requests) {
    onJob(request.dir);
    reports.push(await runJob(request, { ...tools, emit: (event) => display.show(event) }, setting.signal));
  }
  return reports;
}

async function printScores(reports: readonly JobReport[], asJson: boolean): Promise<void> {
  const jobs = await Promise.all(reports.map((report) => readJob(report.dir)));
  const scores = jobs.flat().map((job) => scoreJob(job));
  const text = asJson
    ? `${JSON.stringify(scoresToJson(scores), null, 2)}\n`
    : renderScoreTable(scores, { width: terminalWidth() });
  process.stdout.write(text);
}

function trialSettings(
  options: RunOptions,
  harness: Harness | null,
  models: OpenModelService | null,
): RunSetting['settings'] {
  return {
    timeoutMultiplier: options.timeoutMultiplier,
    clock: options.clock,
    pull: options.pull,
    forceBuild: options.forceBuild,
    keepSandboxes: options.keepSandboxes,
    hostEnv: passedEnv(options.passEnv ?? [], process.env),
    shellEnv: harness?.shell.env ?? {},
    outputLimits: harness?.outputLimits ?? { head: 5_000, tail: 5_000 },
    verifier: {
      retries: options.verifierRetries,
      negativeControl: options.negativeControl,
      isolated: options.isolatedVerify,
      rewardPrecedence: options.rewardFile,
    },
    model: models === null ? null : { name: models.name, kind: models.kind },
    version: readVersion(),
  };
}

function checkAgentOptions(options: RunOptions): void {
  if (options.agent === 'model' && options.model === undefined) {
    throw new InputError('which model? --model NAME is needed', {
      hint: 'Use --model NAME as the server lists it, --model replay:DIR, or --agent oracle to run the reference solutions.',
    });
  }
  if (options.agent !== 'model' && options.model !== undefined) {
    throw new InputError(`--agent ${options.agent} uses no model: leave --model out`);
  }
}

/** Trials that infrastructure broke for good leave a table that is not whole: the exit code says so. */
function complainAboutUnmeasured(reports: readonly JobReport[]): void {
  const missing = reports.flatMap((report) => report.unmeasured);
  if (missing.length === 0) return;
  throw new EnvironmentError(`${missing.length} trials have no verdict: ${missing.slice(0, 5).join(', ')}`, {
    hint: 'See exception.txt in their folders. The same command with the same --job makes them again.',
  });
}
