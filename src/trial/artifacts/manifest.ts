import type { PlannedArtifact } from './artifact-plan.js';

/** One entry of `artifacts/manifest.json`: Harbor's keys, and a detail of ours where there is something to say. */
export interface ManifestEntry {
  readonly source: string;
  /** Below the trial's folder. */
  readonly destination: string;
  readonly type: 'directory' | 'file';
  readonly status: 'ok' | 'failed' | 'skipped' | 'empty';
  readonly service: string;
  readonly exclude: readonly string[];
  readonly detail?: string;
}

/** What became of an artifact, written down. */
export function manifestEntry(
  { artifact, service, place }: PlannedArtifact,
  found: Pick<ManifestEntry, 'type' | 'status'> & { readonly detail?: string | null },
): ManifestEntry {
  return {
    source: artifact.source,
    destination: `artifacts/${place}`,
    type: found.type,
    status: found.status,
    service,
    exclude: artifact.exclude,
    ...(found.detail == null ? {} : { detail: found.detail }),
  };
}
