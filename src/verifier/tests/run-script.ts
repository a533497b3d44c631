import type { Task } from '../../dataset/task.js';
import type { ExecResult, Sandbox } from '../../sandbox/sandbox.js';
import { execSafely } from '../exec-safely.js';
import { testsPath } from './upload-tests.js';

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

/**
 * What bash is given to run: builtins look at the surroundings, then the script is read whole and run with its
 * trace on a descriptor of its own. The trace descriptor is not exported, so child shells are left alone; stdin
 * is empty; stderr joins stdout as upstream has it.
 */
const launcher = [
  'exec {BASH_XTRACEFD}>&2 2>&1 </dev/null',
  'for tb in tcp tcp6 udp udp6; do while read -r -a tb_w; do [[ ${tb_w[3]} == 0A || $tb == udp* && ${tb_w[3]} == 07 ]] && echo "socket ${tb_w[1]} $tb" >&$BASH_XTRACEFD; done </proc/net/$tb; done 2>/dev/null',
  'while read -r -a tb_w; do [[ ${tb_w[3]} == 00010000 ]] && echo "unix ${tb_w[7]}" >&$BASH_XTRACEFD; done 2>/dev/null </proc/net/unix',
  'while read -r tb; do echo "hosts $tb" >&$BASH_XTRACEFD; done 2>/dev/null </etc/hosts',
  `echo '${endOfPreamble}' >&$BASH_XTRACEFD`,
  'unset tb tb_w; set -x; . "$0"',
].join('\n');

/**
 * Runs the tests as upstream does (`bash /tests/test.sh` in the task's workdir, as the verifier's user), but
 * with bash by its absolute path, non-interactive, non-login, with HOME and PATH as they were before the agent.
 * The exit code means nothing by contract.
 */
export async function runScript(
  sandbox: Sandbox,
  task: Task,
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number | null;
    /** The tests are in place. */
    readonly after: Promise<unknown>;
    readonly signal: AbortSignal;
  },
): Promise<ScriptRun> {
  const argv = ['/bin/bash', '-c', launcher, `${testsPath}/${task.verifier.script}`];
  const result = await execSafely(sandbox, argv, {
    user: task.verifier.user ?? sandbox.user,
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
