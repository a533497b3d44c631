import { z } from 'zod';
import { ImageError } from '../../../base/errors.js';
import type { PullPolicy } from '../../../record/run-spec.js';
import type { BuildContext } from '../build-context.js';
import { EngineCallError } from '../../connection/engine-error.js';
import { inspectImage } from '../../connection/inspect-image.js';
import { fullImageName } from '../image-reference.js';
import { pullImage, type PullOptions } from '../pull-image.js';
import { hostRunRefusal } from './host-runs.js';
import { UnjudgedDockerfile } from './instructions.js';
import { mountFlawHint, type MountFlaw } from './mount-flaw.js';
import { namedImages, startImages } from './named-images.js';
import { willNotBuild } from './read-dockerfile.js';
import { addRefusal } from './refuse-adds.js';
import { mountRefusal } from './refuse-mounts.js';

const answer = z.object({ Config: z.object({ OnBuild: z.array(z.string()).nullish() }).nullish() });

/** What a Dockerfile is judged by. */
export interface Judging {
  /** Bytes as latin1. */
  readonly text: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly flaw: MountFlaw;
  /** The machine's own addresses. */
  readonly own: ReadonlySet<string>;
}

/**
 * Brings the images that a Dockerfile starts from and holds their ONBUILD instructions, which podman would run unseen, against the
 * same lists as its own; on a flawed one also those that it copies from, and afterwards the build must fetch nothing. Throws TaskError for what is refused. What could not
 * be fetched is returned: perhaps the build does not need it, since a stage or a text may have looked like an image.
 */
export async function judgeBases(
  context: BuildContext,
  judging: Judging,
  options: PullOptions & { readonly pull: PullPolicy },
): Promise<ImageError | null> {
  let missing: ImageError | null = null;
  for (const name of imagesIn(context, judging)) {
    try {
      const isHere = (await triggersOf(name, options)) !== null;
      if (options.pull === 'always' || (options.pull === 'missing' && !isHere))
        await pullImage(name, options);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      missing ??= error;
    }
    const triggers = (await triggersOf(name, options)) ?? [];
    const lines = triggers.map((line) => line.replaceAll('\n', ' ')).join('\n');
    const reason = await triggerRefusal(lines, context, judging);
    if (reason !== null)
      throw willNotBuild(context.dir, context.dockerfile, `ONBUILD of ${name}: ${reason}`, hintOf(judging));
  }
  return missing;
}

async function triggerRefusal(
  lines: string,
  { entries }: BuildContext,
  { flaw, own }: Judging,
): Promise<string | null> {
  const hasLinks = entries.some(({ kind }) => kind === 'symlink');
  const onFlawed = flaw === null ? null : mountRefusal(lines, hasLinks, flaw);
  return onFlawed ?? hostRunRefusal(lines) ?? (await addRefusal(lines, own));
}

function imagesIn({ dir, dockerfile }: BuildContext, judging: Judging): ReadonlySet<string> {
  const { text, buildArgs, flaw } = judging;
  try {
    return flaw === null ? startImages(text, buildArgs) : namedImages(text, buildArgs);
  } catch (error) {
    if (!(error instanceof UnjudgedDockerfile)) throw error;
    throw willNotBuild(dir, dockerfile, error.message, hintOf(judging));
  }
}

function hintOf({ flaw }: Judging): string | undefined {
  return flaw === null ? undefined : mountFlawHint;
}

/** The ONBUILD instructions of an image; null when it is not here. */
async function triggersOf(name: string, { client, signal }: PullOptions): Promise<readonly string[] | null> {
  try {
    const found = await inspectImage(client, fullImageName(name), answer, { shown: name, signal });
    return found.Config?.OnBuild ?? [];
  } catch (error) {
    if (error instanceof EngineCallError && !error.isUnreachable) return null;
    throw error;
  }
}
