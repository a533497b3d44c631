import { SandboxError } from '../base/errors.js';
import { MisplacedProcessError } from '../sandbox/sandbox-token.js';
import type { ExecOptions, ExecResult, Sandbox } from '../sandbox/sandbox.js';

/**
 * A sandbox that lives but starts no process any more (no bash, no free process id) was brought to that by the
 * agent: an outcome. Only a sandbox that is gone is an error, and an engine that would have run the process elsewhere.
 */
export async function execSafely(
  sandbox: Sandbox,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  try {
    return await sandbox.exec(argv, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof SandboxError) || error instanceof MisplacedProcessError) throw error;
    const { state } = await sandbox.vitals(options.signal);
    if (state === 'gone') throw error;
    const stderr = `a command could not be started (sandbox ${state}): ${error.message}\n`;
    return { stdout: '', stderr, exitCode: 255, timedOut: false, droppedBytes: 0, durationMs: 0 };
  }
}
