import { posix } from 'node:path';
import type { TaskArtifact } from '../../dataset/task.js';
import { artifactLogs } from '../../verifier/log-folders.js';

/** An artifact to be kept, and where. */
export interface PlannedArtifact {
  readonly artifact: TaskArtifact;
  /** The sandbox it is in. */
  readonly service: string;
  /** Absolute path there. */
  readonly path: string;
  /** Where its copy lies, below the trial's artifacts folder. */
  readonly place: string;
  /** Another artifact is kept at this place already, or above or below it: this one is not kept. */
  readonly isTaken: boolean;
}

const mainService = 'main';
/** Our own file in the artifacts folder. */
export const manifestName = 'manifest.json';

/**
 * What is kept of a trial: main's `/logs/artifacts` first unless the task declares it, main's artifacts, then the sidecars'. A copy
 * lies at the source's absolute path, or where `destination` says; a relative source is one of `/`.
 */
export function planArtifacts(declared: readonly TaskArtifact[]): PlannedArtifact[] {
  const isDeclared = declared.some(
    ({ source, service }) => (service ?? mainService) === mainService && absolute(source) === artifactLogs,
  );
  const conventional = { source: artifactLogs, destination: null, service: null, exclude: [] };
  const wanted = isDeclared ? declared : [conventional, ...declared];
  const ofMain = wanted.filter(({ service }) => (service ?? mainService) === mainService);
  const planned: PlannedArtifact[] = [];
  for (const artifact of [...ofMain, ...wanted.filter((one) => !ofMain.includes(one))]) {
    const path = absolute(artifact.source);
    const place = artifact.destination === null ? path.slice(1) : posix.normalize(artifact.destination);
    const service = artifact.service ?? mainService;
    const taken = planned.filter(({ isTaken }) => !isTaken).map((one) => one.place);
    const isTaken = [manifestName, ...taken].some((other) => overlap(other, place));
    planned.push({ artifact, service, path, place, isTaken });
  }
  return planned;
}

function absolute(source: string): string {
  const path = posix.resolve('/', source);
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function overlap(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}
