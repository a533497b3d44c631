import type { EngineInfo } from '../../container-engine.js';
import { hostAddresses } from '../../network/host-addresses.js';
import type { BuildContext } from '../build-context.js';
import { hostRunRefusal } from './host-runs.js';
import type { Judging } from './judge-bases.js';
import { mountFlaw } from './mount-flaw.js';
import { readDockerfile, willNotBuild } from './read-dockerfile.js';
import { addRefusal } from './refuse-adds.js';
import { refuseMounts } from './refuse-mounts.js';

/**
 * Holds a Dockerfile against everything that could reach the host through an engine of this kind and version, before it is
 * given to it. Throws TaskError, with the reason, for one that must not be built. Returns what its base images are judged by.
 */
export async function judgeDockerfile(
  context: BuildContext,
  info: Pick<EngineInfo, 'name' | 'version'>,
  buildArgs: Readonly<Record<string, string>>,
): Promise<Judging> {
  const flaw = mountFlaw(info);
  const text = await readDockerfile(context);
  if (flaw !== null) await refuseMounts(context, text, flaw);
  const own = await hostAddresses();
  // Docker knows no host for one line of a build.
  const hostRun = info.name === 'podman' ? hostRunRefusal(text) : null;
  const reason = hostRun ?? (await addRefusal(text, own));
  if (reason !== null) throw willNotBuild(context.dir, context.dockerfile, reason);
  return { text, buildArgs, flaw, own };
}
