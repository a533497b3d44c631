import { ImageError, TaskError } from '../../base/errors.js';
import type { BuildContext } from './build-context.js';
import { limitText, scarcityOf, type BuildLimits } from './build-limits.js';
import type { ProgressOutcome } from './progress-stream.js';

/** Lines of a build's output that its failure is judged by and told with. */
export const linesShown = 15;

/** Characters of an engine's reason that are judged and told. */
const longestReason = 10_000;

/**
 * podman failed, not the Dockerfile. Its own process was killed, by podman ("did not get container create message from subprocess" in
 * its log): the command of the RUN ends by a signal with `exit status 137`. Or a layer that it had listed was removed, by
 * another build or removal, before it looked at it.
 */
export const stumbles = /running runtime: signal: killed|layer not known|checking if cached image exists/;

/** What a build fails for that has nothing to do with its Dockerfile, and that may be gone the next time. */
const passing =
  /dial tcp|lookup .* on|no such host|i\/o timeout|TLS handshake|Temporary failure (?:resolving|in name resolution)|Could not resolve|Connection (?:refused|reset|timed out)|Network is unreachable|Failed to (?:fetch|connect|download)|Read timed out|toomanyrequests|rate limit|no space left|disk quota|OCI runtime|setrlimit|netavark|Resource temporarily unavailable/i;
/** An image that a FROM names and no registry gives out, however often it is asked. */
const unavailable =
  /manifest unknown|name unknown|unauthorized|authentication required|access to the resource is denied|pull policy/i;

/** The error for a build that failed: the task's, unless its output names a cause outside the Dockerfile. */
export function buildFailure(
  {
    dir,
    dockerfile,
    text,
    limits,
    peakBytes,
  }: Pick<BuildContext, 'dir' | 'dockerfile'> & {
    readonly text: string;
    readonly limits: BuildLimits;
    /** See `BuildCgroup`. */
    readonly peakBytes: number | null;
  },
  { error, lastLines }: ProgressOutcome,
): Error {
  const reason = error?.slice(0, longestReason).trim() ?? '';
  const output = [...lastLines.slice(-linesShown), reason].join('\n');
  const said = `${reason}\n  ${lastLines.slice(-linesShown).join('\n  ')}`;
  const message = `building ${dir} failed: ${said}`;
  const byHand = `by hand: podman build -f ${dir}/${dockerfile} ${dir}`;
  if (unavailable.test(reason) || /initializing source|short-name/i.test(reason))
    return new ImageError(message, {
      isFinal: unavailable.test(reason),
      hint: 'an image that the Dockerfile names is not here and no registry gives it out: load it by hand under that name',
    });
  if (stumbles.test(reason))
    return new ImageError(message, { hint: `the engine failed, not the Dockerfile; ${byHand}` });
  const scarcity = scarcityOf(reason, output);
  const limit = scarcity === null ? null : limitText(scarcity, limits, peakBytes);
  const isOfNetwork = scarcity !== 'processes' && passing.test(output);
  if (!isOfNetwork && limit !== null)
    return new TaskError(`building ${dir} ran into the limit of builds, ${limit}: ${said}`, {
      hint: 'The Dockerfile takes more of the machine than a build may have.',
    });
  if (isOfNetwork)
    return new ImageError(message, { hint: `the network, the disk or the engine failed; ${byHand}` });
  if (scarcity !== null)
    return new ImageError(message, { hint: `the build was killed, perhaps for its memory; ${byHand}` });
  const hint =
    hasHereDocument(text) && /unknown instruction/i.test(reason)
      ? hereDocumentHint
      : `the Dockerfile fails; ${byHand}`;
  return new TaskError(message, { hint });
}

/**
 * The error for a build that ran out of its time: the task's, unless its last lines tell of a network that did not answer, which
 * no longer time would mend.
 */
export function lateBuild(dir: string, timeoutMs: number, lastLines: readonly string[]): Error {
  const message = `building ${dir} took longer than ${timeoutMs / 1000} s`;
  if (passing.test(lastLines.join('\n')))
    return new ImageError(
      `${message}, and its last lines tell of the network:\n  ${lastLines.join('\n  ')}`,
      {
        hint: 'what it fetches from did not answer: is there a network for builds here?',
      },
    );
  return new TaskError(message, { hint: 'raise build_timeout_sec in the task, or --timeout-multiplier' });
}

/** What to tell whoever has an engine that builds without here-documents. */
const hereDocumentHint =
  'the Dockerfile uses here-documents (RUN <<EOF), which podman reads from 4.8 on and Docker with BuildKit only: a newer podman, or a RUN without them';

/** Whether a line of the Dockerfile looks like an instruction with a here-document. */
function hasHereDocument(dockerfile: string): boolean {
  return dockerfile
    .split('\n')
    .some((line) => /^[ \t]*(?:RUN|COPY|ADD)\b/i.test(line) && /(?:^|[^<])<<-?["']?[A-Za-z_]/.test(line));
}

/** A failure as the task of this folder tells it: it may have been that of another task with the same files. */
export function sharedFailure(dir: string, error: unknown): unknown {
  if (!(error instanceof TaskError) || error.message.includes(dir)) return error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new TaskError(`${dir} has the files of a build that failed: ${error.message}`, hint);
}
