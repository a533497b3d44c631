import { z } from 'zod';
import { SandboxError, TaskError } from '../../base/errors.js';
import type { EngineClient } from '../connection/engine-client.js';
import { inspectImage } from '../connection/inspect-image.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { SandboxSpec } from '../sandbox.js';

const imageAnswer = z.object({
  Config: z.object({ Entrypoint: z.array(z.string()).nullish(), User: z.string().nullish() }).nullish(),
});

/** What of an image's configuration a sandbox goes by. */
export interface ImageSettings {
  /** What it wants to run before its command; empty when it has nothing to do. */
  readonly entrypoint: readonly string[];
  /** Its USER. */
  readonly user: string;
}

/**
 * Asks the engine about an image. An entry point that is only a shell does nothing by itself and cannot run a command line, so it
 * counts as none. `own` stands in the place of the image's.
 */
export async function readImageSettings(
  client: EngineClient,
  image: { readonly reference: string; readonly id: string },
  own: readonly string[] | null = null,
): Promise<ImageSettings> {
  const name = image.id === '' ? image.reference : image.id;
  const answer = await inspectImage(client, name, imageAnswer, { shown: image.reference });
  const entrypoint = own ?? answer.Config?.Entrypoint ?? [];
  const user = answer.Config?.User || 'root';
  if (isBareShell(entrypoint) || isIdle(entrypoint)) return { entrypoint: [], user };
  if (!takesArguments(entrypoint)) throw entrypointError(image.reference, entrypoint, 'is a shell command');
  return { entrypoint, user };
}

/** `["/bin/bash"]`, `["sh", "-c"]`, `["/bin/bash", "-l"]`. */
export function isBareShell(entrypoint: readonly string[]): boolean {
  const [program = '', ...options] = entrypoint;
  return /^(?:.*\/)?(?:ba|da|a)?sh$/.test(program) && options.every((option) => /^-[-a-z]+$/.test(option));
}

/** False for the shell form (`ENTRYPOINT /start.sh`), unless its text names the arguments. */
export function takesArguments(entrypoint: readonly string[]): boolean {
  const [program = '', option = '', text, ...rest] = entrypoint;
  const isShellForm = isBareShell([program]) && option === '-c' && text !== undefined && rest.length === 0;
  return !isShellForm || /\$\{?[@*0-9]/.test(text);
}

/**
 * The error for a sandbox that did not come up: the task's when it names a user that the image does not have, when the image
 * has no shell, or an entry point that did not run its arguments.
 */
export function startError(
  { image: { reference }, user }: Pick<SandboxSpec, 'image' | 'user'>,
  entrypoint: readonly string[],
  error: unknown,
): unknown {
  const isOurs = error instanceof SandboxError && !(error instanceof EngineCallError && error.isUnreachable);
  if (
    isOurs &&
    user !== null &&
    /unable to find user|no matching entries in passwd|no users found/i.test(error.message)
  )
    return unknownUser(reference, user);
  if (isOurs && entrypoint.length === 0 && noShell.test(error.message))
    return new TaskError(`image ${reference} has no /bin/sh, which every command is run by`, {
      hint: 'Build the task from an image with a shell.',
      cause: error,
    });
  if (entrypoint.length === 0) return error;
  return isOurs && isOfEntrypoint(error)
    ? entrypointError(reference, entrypoint, 'did not run them', error)
    : error;
}

/** What runc, crun and Docker say of an image without the program that a sandbox begins with. */
const noShell = /exec:? "?\/bin\/sh"?:.*no such file|executable file [`'"]?\/bin\/sh[`'"]? not found/i;

/** What an engine refuses before it runs anything is no entry point's doing, unless the entry point itself is what it cannot run. */
function isOfEntrypoint(error: unknown): boolean {
  return (
    !(error instanceof EngineCallError) ||
    /executable file|no such file|exec format|not a directory|\bexec: /i.test(error.message)
  );
}

/** The error for a user that a task names and its image does not have. */
export function unknownUser(reference: string, user: string): TaskError {
  return new TaskError(`image ${reference} has no user ${JSON.stringify(user)}, which the task asks for`, {
    hint: 'create it in the Dockerfile (useradd), or correct user in task.toml',
  });
}

function entrypointError(
  reference: string,
  entrypoint: readonly string[],
  why: string,
  cause?: unknown,
): TaskError {
  return new TaskError(
    `image ${reference}: its ENTRYPOINT ${JSON.stringify(entrypoint).slice(0, 300)} must run its arguments, and ${why}`,
    {
      hint: 'write it as a list (ENTRYPOINT ["/start.sh"]) and end its script with: exec "$@"',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** A command line that only keeps a container alive; a sandbox has its own way of doing that. */
export function isIdle(words: readonly string[]): boolean {
  const text = words.join(' ').trim();
  return /^(?:(?:(?:\/usr)?\/bin\/)?(?:ba|da)?sh -l?c )?["']?(?:exec )?(?:(?:\/usr)?(?:\/bin\/)?sleep (?:infinity|inf|\d+[a-z]?)|tail -f \/dev\/null|cat|true)?["']?$/.test(
    text,
  );
}
