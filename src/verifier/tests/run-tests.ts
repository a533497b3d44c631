import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../dataset/task.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { VerifierSettings } from '../../record/run-spec.js';
import { recogniseBootstrapFailure } from './bootstrap.js';
import { collectResults, resultNames, type CollectedResults } from './collect-results.js';
import type { TestEvidence } from '../../record/evidence/test-evidence.js';
import type { LocalTests } from './local-tests.js';
import { readReward, type RewardReading } from './reward.js';
import { parseRunnerOutput } from './runner-output.js';
import { runScript, type ScriptRun } from './script/run-script.js';
import type { TestScript } from './test-script.js';
import { readTrace } from './trace.js';
import { compareTests, uploadTests, type TestsComparison } from './upload-tests.js';

/** What one run of the tests needs: the official run, its repetitions, the control and the second opinion differ in a field of it. */
export interface TestSetting {
  readonly sandbox: Sandbox;
  readonly task: Task;
  readonly tests: LocalTests;
  readonly script: TestScript;
  readonly env: Readonly<Record<string, string>>;
  /** Who runs the tests. */
  readonly user: string;
  readonly timeoutMs: number | null;
  readonly precedence: VerifierSettings['rewardPrecedence'];
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/** One run of the tests, from fresh folders to the evidence it left. */
export interface TestRun {
  readonly evidence: TestEvidence;
  readonly reading: RewardReading;
  readonly refused: CollectedResults['refused'];
  /** What bash saw of sockets and hosts right before the script. */
  readonly preamble: string;
}

const unchanged: TestsComparison = { changed: [], added: [] };

/** Uploads fresh tests, checks that they arrived, runs them and reads what they left into `outDir`. */
export async function runTests(setting: TestSetting, outDir: string): Promise<TestRun> {
  const { sandbox, tests, script, signal } = setting;
  await mkdir(outDir, { recursive: true });
  const isShared = setting.task.verifier.separate === null;
  const results = isShared ? null : resultNames(script.report);
  const sending = uploadTests(sandbox, { tests, results }, signal).then(() =>
    compareTests(sandbox, tests, signal),
  );
  // The agent has left: starting a process for the tests need not wait until they are there.
  const [sent, run] = await Promise.all([
    sending,
    runScript(sandbox, setting.task, {
      ...setting,
      interpreter: script.interpreter,
      after: sending,
    }),
  ]);
  const [found, after] = await Promise.all([
    collectResults(sandbox, { outDir, report: script.report, signal }),
    // An agent cannot have left anything that would change tests in a container of their own.
    isShared ? compareTests(sandbox, tests, signal) : unchanged,
  ]);
  await Promise.all([
    writeFile(join(outDir, 'test-stdout.txt'), setting.redact(run.output), { mode: 0o600 }),
    writeFile(join(outDir, 'test-trace.txt'), setting.redact(run.trace), { mode: 0o600 }),
  ]);
  const reading = readReward(
    run.timedOut ? { txt: null, json: null, refused: [] } : found.rewards,
    setting.precedence,
  );
  const evidence = gather(setting, { run, results: found, reading, sent, after });
  return { evidence, reading, refused: found.refused, preamble: run.preamble };
}

function gather(
  { sandbox, tests, script }: TestSetting,
  seen: {
    run: ScriptRun;
    results: CollectedResults;
    reading: RewardReading;
    sent: TestsComparison;
    after: TestsComparison;
  },
): TestEvidence {
  const { run, results, reading, sent, after } = seen;
  const runner = parseRunnerOutput(run.output);
  return {
    reward:
      reading.kind === 'reward'
        ? { file: reading.file, text: reading.text, value: reading.reward }
        : { file: null, text: reading.text, value: null },
    // Only bash tells what it runs.
    trace: { applicable: script.tracesReward && sandbox.bashPath !== null, ...readTrace(run.trace) },
    report: { applicable: script.report !== null, counts: results.report },
    runner: {
      applicable: script.printsSummary && run.droppedBytes === 0,
      started: runner.started,
      summary: runner.summary,
      passed: runner.passed,
      failed: runner.failed,
      errors: runner.errors,
      rootdir_applicable: script.printsRootdir && run.droppedBytes === 0,
      rootdir: runner.rootdir,
    },
    bootstrap: recogniseBootstrapFailure(run.output),
    exit_code: run.started ? run.exitCode : null,
    timed_out: run.timedOut,
    tests: {
      files: tests.files.length,
      digest: tests.digest,
      may_skip: tests.files.some(({ content }) =>
        /\b(?:skip|skipif|xfail|importorskip)\b/.test(content.toString('utf8')),
      ),
      verified: sent.changed.length === 0 && sent.added.length === 0,
      changed: after.changed.filter((path) => !script.edits.includes(path.split('/').at(-1) ?? path)),
      added: after.added.length,
    },
    output_bytes: Buffer.byteLength(run.output) + run.droppedBytes,
    tests_ms: Math.round(run.durationMs),
  };
}
