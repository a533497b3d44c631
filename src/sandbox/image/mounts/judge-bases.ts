import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ImageError, TaskError } from '../../../base/errors.js';
import type { PullPolicy } from '../../../record/run-spec.js';
import type { BuildContext } from '../build-context.js';
import { EngineCallError } from '../../connection/engine-error.js';
import { inspectImage } from '../../connection/inspect-image.js';
import { fullImageName } from '../image-reference.js';
import { pullImage, type PullOptions } from '../pull-image.js';
import { mountFlawHint, type MountFlaw } from './mount-flaw.js';
import { namedImages } from './named-images.js';
import { mountRefusal } from './refuse-mounts.js';
import { UnjudgedDockerfile } from './run-flags.js';

const answer = z.object({ Config: z.object({ OnBuild: z.array(z.string()).nullish() }).nullish() });

/**
 * Brings the images that a Dockerfile names and holds their ONBUILD instructions, which the engine would run unseen, against the
 * same list as its own. Afterwards the build must fetch nothing. Throws TaskError for what is refused. What could not
 * be fetched is returned: perhaps the build does not need it, since a stage or a text may have looked like an image.
 */
export async function judgeBases(
  context: BuildContext,
  flaw: Exclude<MountFlaw, null>,
  options: PullOptions & { readonly pull: PullPolicy },
): Promise<ImageError | null> {
  const path = join(context.dir, context.dockerfile);
  const hasLinks = context.entries.some(({ kind }) => kind === 'symlink');
  let missing: ImageError | null = null;
  for (const name of await imagesIn(path)) {
    try {
      const isHere = (await triggersOf(name, options)) !== null;
      if (options.pull === 'always' || (options.pull === 'missing' && !isHere))
        await pullImage(name, options);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      missing ??= error;
    }
    const triggers = (await triggersOf(name, options)) ?? [];
    const reason = mountRefusal(
      triggers.map((line) => line.replaceAll('\n', ' ')).join('\n'),
      hasLinks,
      flaw,
    );
    if (reason !== null)
      throw new TaskError(`will not build ${path}: ONBUILD of ${name}: ${reason}`, { hint: mountFlawHint });
  }
  return missing;
}

async function imagesIn(path: string): Promise<ReadonlySet<string>> {
  try {
    return namedImages(await readFile(path, 'latin1'));
  } catch (error) {
    if (!(error instanceof UnjudgedDockerfile)) throw error;
    throw new TaskError(`will not build ${path}: ${error.message}`, { hint: mountFlawHint });
  }
}

/** The ONBUILD instructions of an image; null when it is not here. */
async function triggersOf(name: string, { client, signal }: PullOptions): Promise<readonly string[] | null> {
  if (!/^[\w][\w.:/@-]*$/.test(name)) return null;
  try {
    const found = await inspectImage(client, fullImageName(name), answer, { shown: name, signal });
    return found.Config?.OnBuild ?? [];
  } catch (error) {
    if (error instanceof EngineCallError && !error.isUnreachable) return null;
    throw error;
  }
}
