import type { TaskArtifact } from '../../task.js';
import type { ArtifactToml } from './schema.js';

/** An entry of `artifacts`, in either of its spellings. */
export function toArtifact(item: ArtifactToml): TaskArtifact {
  if (typeof item === 'string') return { source: item, destination: null, service: null, exclude: [] };
  return {
    source: item.source,
    destination: item.destination ?? null,
    service: item.service ?? null,
    exclude: item.exclude,
  };
}
