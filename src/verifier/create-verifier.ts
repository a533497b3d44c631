import type { HostVariables } from '../base/host-variables.js';
import { privateModes } from '../results/private-modes.js';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveEnv } from '../dataset/resolve-env.js';
import type { NegativeControl, SecondOpinion } from '../record/evidence/evidence.js';
import type { Finding } from '../record/finding.js';
import { sleep } from '../base/deadline.js';
import { runTests, type TestRun, type TestSetting } from './tests/run-tests.js';
import { inspectInitialScene, type HomeCache } from './scene/initial-scene.js';
import { askSecondOpinion, isolationFindings, isolationSkipReason } from './controls/second-opinion.js';
import { controlFindings, controlSkipReason, runNegativeControl } from './controls/negative-control.js';
import { readBundledTests } from './bundled-tests.js';
import { helperFiles, loadTests } from './tests/local-tests.js';
import { findLookups } from './scene/lookups.js';
import { readPreamble } from './tests/script/preamble.js';
import type { RewardReading } from './tests/reward.js';
import { leftoverFindings, sceneFindings } from './scene/scene-findings.js';
import { inspectScene, searchPath, type Scene } from './scene/scene.js';
import { parseTestScript } from './tests/test-script.js';
import { judge, statusOf } from './verdict.js';
import type { Verification, Verifier, VerifyRequest } from './verifier.js';
import { redirectedHosts } from './scene/watch-list.js';

const waitBeforeRerunMs = 2_000;

/** The verifier. `hostEnv` are the host variables that `[verifier.env]` may interpolate. */
export function createVerifier(hostEnv: HostVariables = {}): Verifier {
  const homes: HomeCache = new Map();
  return {
    before: (sandbox, task, signal) =>
      inspectInitialScene(sandbox, { user: task.verifier.user ?? sandbox.user, homes, signal }),
    verify: (request) => verify(request, hostEnv),
  };
}

async function verify(request: VerifyRequest, hostEnv: HostVariables): Promise<Verification> {
  const startedAt = performance.now();
  const setting = await settingOf(request, hostEnv);
  // Of what the agent did to files, tools and tests nothing reaches a verifier with an environment of its own.
  const isSeparate = request.task.verifier.separate !== null;
  const scene = isSeparate ? null : await inspectScene(request, setting.script);
  const { run, runs } = await runUntilStarted(setting, request);
  const checksMs = Math.round(performance.now() - startedAt - run.evidence.tests_ms);
  const preamble = readPreamble(run.preamble);
  const { reward } = run.evidence;
  const seen = { reward: reward.value, sockets: preamble.sockets };
  const isolated = await secondOpinion(request, setting, seen);
  const control = await negativeControl(request, setting, run);
  const judgement = judge(run.evidence, [
    ...(scene === null ? [] : findingsOf(scene, request, redirectedHosts(preamble.hosts, setting.script))),
    ...findLookups(request.commands),
    ...resultFindings(run, setting.script.outsideTargets),
    ...isolationFindings(isolated, seen),
    ...controlFindings(control),
  ]);
  return {
    ...judgement,
    rewards: run.reading.kind === 'reward' ? run.reading.rewards : null,
    rewardText: run.reading.text,
    rawReward: reward.value,
    evidence: {
      ...run.evidence,
      negative_control: control,
      isolated,
      scene: scene === null ? null : { ...scene.evidence, sockets: preamble.sockets },
      tries: runs,
      checks_ms: checksMs,
    },
    failure: failureOf(run),
  };
}

function findingsOf(scene: Scene, { initial }: VerifyRequest, redirected: readonly string[]): Finding[] {
  return [
    ...leftoverFindings(scene.changes, new Set(initial.changedPaths)),
    ...sceneFindings(scene.evidence, redirected),
  ];
}

async function settingOf(
  { environment, task, initial, options, redact, signal }: VerifyRequest,
  hostEnv: HostVariables,
): Promise<TestSetting> {
  const sandbox = environment.main;
  const tests = await (task.verifier.separate?.bundled === true
    ? readBundledTests(sandbox, task, signal)
    : loadTests(task));
  const env = {
    HOME: initial.home,
    PATH: searchPath(sandbox),
    ...resolveEnv(task.verifier.env, hostEnv, `${task.name}: verifier.env`),
  };
  const script = parseTestScript(tests.script, helperFiles(tests, task.verifier.script));
  return {
    sandbox,
    task,
    tests,
    script,
    env,
    user: task.verifier.user ?? sandbox.user,
    timeoutMs: options.timeoutMs,
    precedence: options.rewardPrecedence,
    redact,
    signal,
  };
}

async function secondOpinion(
  request: VerifyRequest,
  setting: TestSetting,
  seen: { readonly reward: number | null; readonly sockets: readonly string[] },
): Promise<SecondOpinion> {
  const reason = cannotBeCopied(request) ?? isolationSkipReason(request.options.isolated, seen);
  return reason === null
    ? askSecondOpinion(request, setting, seen)
    : { outcome: 'skipped', reward: null, reason };
}

/** A copy has the files of main alone: tests that need its services would fail there for that. */
function cannotBeCopied({ task, environment }: VerifyRequest): string | null {
  if (task.verifier.separate !== null) return 'the tests ran in a container of their own';
  if (environment.sandboxes.size > 1) return 'the tests may need the other services, which cannot be copied';
  return task.environment.compose === null
    ? null
    : 'the tests may need what the compose file gives the sandbox, which cannot be copied';
}

async function negativeControl(
  { options, environment }: VerifyRequest,
  setting: TestSetting,
  { evidence }: TestRun,
): Promise<NegativeControl> {
  if ((evidence.reward.value ?? 0) < 1) return { outcome: 'skipped', reason: 'only passes are controlled' };
  const reason = controlSkipReason(options.negativeControl, {
    testsMs: evidence.tests_ms,
    key: environment.main.id,
  });
  return reason === null ? runNegativeControl(setting, evidence) : { outcome: 'skipped', reason };
}

/** Runs the tests, and again while they could not start and re-runs are left. What earlier runs left is kept. */
async function runUntilStarted(
  setting: TestSetting,
  { outDir, options: { retries } }: VerifyRequest,
): Promise<{ run: TestRun; runs: number }> {
  for (let runs = 1; ; runs += 1) {
    const run = await runTests(setting, outDir);
    const status = statusOf(run.evidence);
    const again = (status === 'bootstrap_failed' || status === 'not_run') && runs <= retries;
    if (!again) return { run, runs };
    await setAside(outDir, `try-${runs}`);
    await sleep(waitBeforeRerunMs, setting.signal);
  }
}

async function setAside(outDir: string, name: string): Promise<void> {
  const entries = (await readdir(outDir)).filter((entry) => !/^try-\d+$/.test(entry));
  await mkdir(join(outDir, name), { recursive: true, mode: privateModes.folder });
  await Promise.all(entries.map((entry) => rename(join(outDir, entry), join(outDir, name, entry))));
}

function resultFindings({ reading, refused }: TestRun, outsideTargets: readonly string[]): Finding[] {
  return [
    ...conflictFinding(reading),
    ...refused.slice(0, 20).map(({ path, reason }): Finding => ({
      code: 'result-refused',
      severity: 'note',
      path: `/logs/verifier/${path}`,
      detail: reason,
    })),
    ...outsideTargets.map((path): Finding => ({
      code: 'tests-outside',
      severity: 'note',
      path,
      detail: 'the task runs tests from where an agent can write',
    })),
  ];
}

function conflictFinding(reading: RewardReading): Finding[] {
  if (reading.kind !== 'reward' || reading.conflict === null) return [];
  const { file, reward } = reading.conflict;
  const detail = `${reading.file} says ${reading.reward}, ${file} says ${reward ?? 'nothing usable'}; ${reading.file} counts`;
  return [{ code: 'reward-conflict', severity: 'warn', detail }];
}

function failureOf({ evidence, reading }: TestRun): Verification['failure'] {
  if (evidence.timed_out)
    return { type: 'VerifierTimeoutError', message: 'the tests did not end within their time limit' };
  return reading.kind === 'failure' ? { type: reading.type, message: reading.message } : null;
}
