import { spawn } from 'node:child_process';
import { EnvironmentError } from '../../base/errors.js';
import { onAbort, openDeadline } from '../../base/deadline.js';

export interface GitOptions {
  /** The environment git runs in: its proxies, its credentials, its PATH. */
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
}

/** Outcome of one git command; a failing command is a value, what it means is the caller's to say. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Never asks for anything, runs no hooks and no large-file filter (a pull of its own fetches those), keeps bytes as they are, gives up on a stalled transfer. */
const settings = [
  ...['-c', 'filter.lfs.smudge=', '-c', 'filter.lfs.process=', '-c', 'filter.lfs.required=false'],
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.autocrlf=false', '-c', 'core.fsmonitor=false'],
  ...[
    '-c',
    'protocol.ext.allow=never',
    '-c',
    'protocol.fd.allow=never',
    '-c',
    'credential.interactive=false',
    '-c',
    'advice.detachedHead=false',
  ],
  ...[
    '-c',
    'http.lowSpeedLimit=1000',
    '-c',
    'http.lowSpeedTime=30',
    '-c',
    'gc.auto=0',
    '-c',
    'maintenance.auto=false',
  ],
];

const environment = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  SSH_ASKPASS: 'true',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=20',
  GIT_LFS_SKIP_SMUDGE: '1',
  LC_ALL: 'C',
};

const outputLimitBytes = 64 * 1024 * 1024;

/**
 * Runs one git command. On timeout or abort git and its helpers are killed and waited for; an abort rejects
 * with the signal's reason. Throws EnvironmentError when git is not installed.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  options.signal?.throwIfAborted();
  using deadline = openDeadline(options.timeoutMs, options.signal);
  const result = await spawnGit([...settings, ...args], options, deadline.signal);
  options.signal?.throwIfAborted();
  return { ...result, timedOut: deadline.signal.aborted };
}

function spawnGit(
  args: readonly string[],
  options: GitOptions,
  signal: AbortSignal,
): Promise<Omit<GitResult, 'timedOut'>> {
  return new Promise((resolve, reject) => {
    const env = { ...withoutGitVariables(options.hostEnv), ...environment };
    const child = spawn('git', args, { cwd: options.cwd, env, detached: true, stdio: 'pipe' });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const killing = onAbort(signal, () => killGroup(child.pid));
    child.on('error', (error) => {
      killing[Symbol.dispose]();
      reject(new EnvironmentError('git cannot be started', { hint: 'install git', cause: error }));
    });
    child.on('close', (code) => {
      killing[Symbol.dispose]();
      resolve({ exitCode: code ?? 128, stdout: stdout(), stderr: stderr() });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= outputLimitBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** git spawns its transport as children; the group takes them along. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/**
 * A caller inside a git hook has GIT_DIR and friends set, which would point our git at another repository;
 * GIT_ALLOW_PROTOCOL would bring back the protocols that the settings refuse.
 */
function withoutGitVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const local = new Set([
    'GIT_ALLOW_PROTOCOL',
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_INDEX_FILE',
    'GIT_OBJECT_DIRECTORY',
    'GIT_PREFIX',
  ]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !local.has(name)));
}
