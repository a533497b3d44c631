import type { NamedVolume } from '../../../record/service-spec.js';
import type { ComposeService } from '../../compose.js';
import type { Bind } from './read-mounts.js';

/** A service whose binds have no place yet. */
export interface UnplacedService extends ComposeService {
  readonly binds: readonly Bind[];
}

/**
 * A bind becomes a copy that its service has for itself. A folder that several services have, one of them to write into, becomes a
 * volume that begins with a copy, so that they see each other's files and the task's own folder stays as it is.
 */
export function placeBinds(services: readonly UnplacedService[]): {
  readonly services: readonly ComposeService[];
  readonly volumes: readonly NamedVolume[];
} {
  const volumes = new Map<string, NamedVolume>();
  for (const { source, kind } of services.flatMap(({ binds }) => binds)) {
    if (volumes.has(source)) continue;
    const users = services.flatMap(({ name, binds }) =>
      binds.filter((bind) => bind.source === source).map(({ isReadOnly }) => ({ name, isReadOnly })),
    );
    const isShared =
      new Set(users.map(({ name }) => name)).size > 1 && users.some((user) => !user.isReadOnly);
    // A compose file's own names have no slash in front.
    if (isShared && kind !== 'file')
      volumes.set(source, { name: `/bind-${volumes.size}`, source: kind === 'missing' ? null : source });
  }
  const placed = services.map(({ binds, ...service }) => ({
    ...service,
    mounts: [
      ...service.mounts,
      ...binds.flatMap(({ source, target, isReadOnly }) => {
        const volume = volumes.get(source)?.name;
        return volume === undefined ? [] : [{ kind: 'volume', volume, target, isReadOnly } as const];
      }),
    ],
    files: [
      ...service.files,
      ...binds
        .filter(({ source }) => !volumes.has(source))
        .map(({ source, target, kind }) => ({
          source: kind === 'missing' ? null : source,
          ...{ target, mode: null, uid: 0, gid: 0 },
        })),
    ],
  }));
  return { services: placed, volumes: [...volumes.values()] };
}
