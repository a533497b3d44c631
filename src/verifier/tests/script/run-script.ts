import { readShellProgram } from '../../../base/shell/shell-program.js';
import { bash } from '../../../sandbox/bash.js';
import type { Task } from '../../../dataset/task.js';
import type { ExecResult, Sandbox } from '../../../sandbox/sandbox.js';
import { execSafely } from '../../exec-safely.js';
import type { Interpreter } from './interpreter.js';
import { testsPath } from '../upload-tests.js';

/** One run of the test script. */
export interface ScriptRun {
  /** stdout and stderr in the order written. */
  readonly output: string;
  /** What bash traced of the script's own commands. */
  readonly trace: string;
  /** Listening sockets and `/etc/hosts` as bash saw them before the script. */
  readonly preamble: string;
  /** bash got as far as the script. */
  readonly started: boolean;
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly droppedBytes: number;
  readonly durationMs: number;
}

/** Kept of output and of trace each; the largest honest output seen in 3,560 public trials was 2.9 MB. */
const maxOutputBytes = 8 * 2 ** 20;
const endOfPreamble = '--- tests';
const unlimitedMs = 2 ** 47;

const launcher = readShellProgram('./launch.sh', import.meta.url);
const plainLauncher = readShellProgram('./launch-plain.sh', import.meta.url);

/**
 * Runs the tests as upstream does (`/tests/test.sh` as its first line says, in the task's workdir, as the verifier's user), but
 * with bash by its absolute path (by sh where the image has none), non-interactive, non-login, with HOME and PATH as they were before the agent.
 * The exit code means nothing by contract.
 */
export async function runScript(
  sandbox: Sandbox,
  task: Task,
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly user: string;
    readonly interpreter: Interpreter;
    readonly timeoutMs: number | null;
    /** The tests are in place. */
    readonly after: Promise<unknown>;
    readonly signal: AbortSignal;
  },
): Promise<ScriptRun> {
  const program = sandbox.bashPath === null ? plainLauncher : launcher;
  const { interpreter } = options;
  const how = interpreter.kind === 'bash' ? interpreter.options : interpreter.argv;
  const argv = bash(sandbox, program, [interpreter.kind, ...how], `${testsPath}/${task.verifier.script}`);
  const result = await execSafely(sandbox, argv, {
    user: options.user,
    cwd: sandbox.workdir,
    env: options.env,
    timeoutMs: options.timeoutMs ?? unlimitedMs,
    after: options.after,
    signal: options.signal,
    maxOutputBytes,
  });
  return splitTrace(result);
}

function splitTrace({ stdout, stderr, ...result }: ExecResult): ScriptRun {
  const cut = stderr.indexOf(`${endOfPreamble}\n`);
  const started = cut >= 0;
  return {
    started,
    output: started ? stdout : stdout + stderr,
    preamble: started ? stderr.slice(0, cut) : '',
    trace: started ? stderr.slice(cut + endOfPreamble.length + 1) : '',
    ...result,
  };
}
