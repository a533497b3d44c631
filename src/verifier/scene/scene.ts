import type { FileChange, Sandbox } from '../../sandbox/sandbox.js';
import { changesSince } from './initial-scene.js';
import type { PackageState, SceneEvidence } from '../../record/evidence/scene-evidence.js';
import { explainChanges } from './explain-changes.js';
import { waitForPackageManager } from './package-state.js';
import type { TestScript } from '../tests/test-script.js';
import type { VerifyRequest } from '../verifier.js';
import { watchedChanges } from './watch-list.js';

/** The sandbox between the agent's last command and the tests. */
export interface Scene {
  readonly evidence: SceneEvidence;
  readonly changes: readonly FileChange[];
}

const maxSample = 200;
const packagePaths = /^\/var\/(?:lib\/(?:dpkg|apt)|cache\/apt)(?:\/|$)/;
const packageTools = /(?:^|\/)(?:apt|apt-get|aptitude|dpkg|unattended-upgr|debconf)/;

/**
 * Looks at what the agent left, makes the working directory anew when it is gone, and lets the package manager
 * come to rest. Services stay. Costs two quick engine calls when the agent touched nothing that matters.
 */
export async function inspectScene(request: VerifyRequest, script: TestScript): Promise<Scene> {
  const { environment, initial, killed, signal } = request;
  const sandbox = environment.main;
  const [all, processes] = await Promise.all([sandbox.changes(signal), sandbox.processes(signal)]);
  const changes = changesSince(all, initial);
  const [workdirRecreated, packages, watched] = await Promise.all([
    restoreWorkdir(sandbox, changes, signal),
    isPackageManagerInvolved(changes, processes, killed) ? waitForPackageManager(sandbox, signal) : null,
    explainChanges(
      sandbox,
      {
        changes,
        watched: watchedChanges(changes, {
          script,
          searchPath: searchPath(sandbox),
          home: initial.home,
          workdir: sandbox.workdir,
        }),
      },
      signal,
    ),
  ]);
  return { changes, evidence: describe({ changes, processes, killed, workdirRecreated, packages, watched }) };
}

/** PATH before the agent; engines' own default when the image sets none. */
export function searchPath(sandbox: Sandbox): string {
  return sandbox.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
}

function isPackageManagerInvolved(
  changes: readonly FileChange[],
  processes: readonly { readonly command: string }[],
  killed: readonly string[],
): boolean {
  const busy = processes.some(({ command }) => packageTools.test(command));
  return (
    busy ||
    killed.some((command) => packageTools.test(command)) ||
    changes.some(({ path }) => packagePaths.test(path))
  );
}

/** True when the working directory was gone, or was no directory, and an empty one was made. */
async function restoreWorkdir(
  sandbox: Sandbox,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<boolean> {
  const { workdir } = sandbox;
  const touched = changes.some(({ path }) => workdir === path || workdir.startsWith(`${path}/`));
  if (workdir === '/' || !touched) return false;
  const found = await sandbox.stat(workdir, signal);
  if (found !== null && found.kind !== 'file' && found.kind !== 'other') return false;
  if (found !== null) await sandbox.remove(workdir, signal);
  await sandbox.upload(workdir, [], signal);
  return true;
}

function describe(seen: {
  changes: readonly FileChange[];
  processes: readonly { readonly pid: number; readonly command: string }[];
  killed: readonly string[];
  workdirRecreated: boolean;
  packages: PackageState | null;
  watched: SceneEvidence['watched'];
}): SceneEvidence {
  return {
    changed_paths: seen.changes.length,
    changed_sample: seen.changes
      .slice(0, maxSample)
      .map(({ path, kind }) => `${kind[0]?.toUpperCase() ?? '?'} ${path}`),
    watched: seen.watched,
    processes: seen.processes.slice(0, 100).map(({ pid, command }) => `${pid} ${command.slice(0, 200)}`),
    sockets: [],
    killed: seen.killed.slice(0, 100),
    workdir_recreated: seen.workdirRecreated,
    package_manager: seen.packages,
  };
}
