import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveEnv } from '../dataset/resolve-env.js';
import type { NegativeControl, SecondOpinion } from '../record/evidence/evidence.js';
import type { Finding } from '../record/finding.js';
import { sleep } from '../base/deadline.js';
import { attemptTests, type Attempt, type AttemptContext } from './attempt.js';
import { baselineFacts, takeBaseline, type HomeCache } from './scene/baseline.js';
import { askSecondOpinion, isolationFindings, isolationSkipReason } from './isolated.js';
import { controlFindings, controlSkipReason, runNegativeControl } from './negative-control.js';
import { helperFiles, loadTests } from './tests/local-tests.js';
import { findLookups } from './scene/lookups.js';
import { readPreamble } from './tests/preamble.js';
import type { RewardReading } from './tests/reward.js';
import { leftoverFindings, sceneFindings } from './scene/scene-findings.js';
import { inspectScene, searchPath } from './scene/scene.js';
import { parseTestScript } from './tests/test-script.js';
import { judge, statusOf } from './verdict.js';
import type { Verification, Verifier, VerifyRequest } from './verifier.js';
import { redirectedHosts } from './scene/watch-list.js';

const waitBeforeRerunMs = 2_000;

type HostEnv = Readonly<Record<string, string | undefined>>;

/** The verifier. `hostEnv` are the host variables that `[verifier.env]` may interpolate. */
export function createVerifier(hostEnv: HostEnv = {}): Verifier {
  const homes: HomeCache = new Map();
  return {
    before: (sandbox, task, signal) =>
      takeBaseline(sandbox, { user: task.verifier.user ?? sandbox.user, homes, signal }),
    verify: (request) => verify(request, hostEnv),
  };
}

async function verify(request: VerifyRequest, hostEnv: HostEnv): Promise<Verification> {
  const startedAt = performance.now();
  const context = await contextOf(request, hostEnv);
  const scene = await inspectScene(request, context.script);
  const { attempt, tries } = await attemptUntilRun(context, request);
  const checksMs = Math.round(performance.now() - startedAt - attempt.evidence.tests_ms);
  const preamble = readPreamble(attempt.preamble);
  const { reward } = attempt.evidence;
  const seen = { reward: reward.value, sockets: preamble.sockets };
  const isolated = await secondOpinion(request, context, seen);
  const control = await negativeControl(request, context, attempt);
  const judgement = judge(attempt.evidence, [
    ...leftoverFindings(scene.changes, new Set(baselineFacts(request.baseline).changedPaths)),
    ...sceneFindings(scene.evidence, redirectedHosts(preamble.hosts, context.script)),
    ...findLookups(request.commands),
    ...resultFindings(attempt, context.script.outsideTargets),
    ...isolationFindings(isolated, seen),
    ...controlFindings(control),
  ]);
  return {
    ...judgement,
    rewards: attempt.reading.kind === 'reward' ? attempt.reading.rewards : null,
    rewardText: attempt.reading.text,
    rawReward: reward.value,
    evidence: {
      ...attempt.evidence,
      negative_control: control,
      isolated,
      scene: { ...scene.evidence, sockets: preamble.sockets },
      tries,
      checks_ms: checksMs,
    },
    failure: failureOf(attempt),
    tries,
  };
}

async function contextOf(
  { sandbox, task, baseline, options, redact, signal }: VerifyRequest,
  hostEnv: HostEnv,
): Promise<AttemptContext> {
  const tests = await loadTests(task);
  const env = {
    HOME: baselineFacts(baseline).home,
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
    timeoutMs: options.timeoutMs,
    precedence: options.rewardPrecedence,
    redact,
    signal,
  };
}

async function secondOpinion(
  request: VerifyRequest,
  context: AttemptContext,
  seen: { readonly reward: number | null; readonly sockets: readonly string[] },
): Promise<SecondOpinion> {
  const reason = isolationSkipReason(request.options.isolated, seen);
  return reason === null
    ? askSecondOpinion(request, context, seen)
    : { outcome: 'skipped', reward: null, reason };
}

async function negativeControl(
  { options, sandbox }: VerifyRequest,
  context: AttemptContext,
  { evidence }: Attempt,
): Promise<NegativeControl> {
  if ((evidence.reward.value ?? 0) < 1) return { outcome: 'skipped', reason: 'only passes are controlled' };
  const reason = controlSkipReason(options.negativeControl, { testsMs: evidence.tests_ms, key: sandbox.id });
  return reason === null ? runNegativeControl(context, evidence) : { outcome: 'skipped', reason };
}

/** Runs the tests, and again while they could not start and re-runs are left. Earlier tries keep their evidence. */
async function attemptUntilRun(
  context: AttemptContext,
  { outDir, options: { retries } }: VerifyRequest,
): Promise<{ attempt: Attempt; tries: number }> {
  for (let tries = 1; ; tries += 1) {
    const attempt = await attemptTests(context, outDir);
    const status = statusOf(attempt.evidence);
    const again = (status === 'bootstrap_failed' || status === 'not_run') && tries <= retries;
    if (!again) return { attempt, tries };
    await setAside(outDir, `try-${tries}`);
    await sleep(waitBeforeRerunMs, context.signal);
  }
}

async function setAside(outDir: string, name: string): Promise<void> {
  const entries = (await readdir(outDir)).filter((entry) => !/^try-\d+$/.test(entry));
  await mkdir(join(outDir, name), { recursive: true });
  await Promise.all(entries.map((entry) => rename(join(outDir, entry), join(outDir, name, entry))));
}

function resultFindings({ reading, refused }: Attempt, outsideTargets: readonly string[]): Finding[] {
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

function failureOf({ evidence, reading }: Attempt): Verification['failure'] {
  if (evidence.timed_out)
    return { type: 'VerifierTimeoutError', message: 'the tests did not end within their time limit' };
  return reading.kind === 'failure' ? { type: reading.type, message: reading.message } : null;
}
