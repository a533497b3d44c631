import { z } from 'zod';
import type { PlannedArtifact } from './artifact-plan.js';

/** One entry of `artifacts/manifest.json`: Harbor's keys, and a detail of ours where there is something to say. */
const manifestEntrySchema = z.object({
  source: z.string(),
  /** Below the trial's folder. */
  destination: z.string(),
  type: z.enum(['directory', 'file']),
  status: z.enum(['ok', 'failed', 'skipped', 'empty']),
  service: z.string(),
  exclude: z.array(z.string()).readonly(),
  detail: z.string().optional(),
});
export type ManifestEntry = Readonly<z.infer<typeof manifestEntrySchema>>;
export const manifestSchema = z.array(manifestEntrySchema);

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
