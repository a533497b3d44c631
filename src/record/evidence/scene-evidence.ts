import { z } from 'zod';

const texts = z.array(z.string()).readonly();

/** A changed file that the tests lean on, and what explains the change. */
export const watchedChangeSchema = z.object({
  path: z.string(),
  kind: z.enum(['added', 'modified', 'deleted']),
  role: z.enum(['tool', 'loader', 'python-hook', 'runner-config', 'network-config']),
  /** What accounts for its content (`dpkg PACKAGE`, `pip RECORD`, `link to PATH`), or null. */
  explained: z.string().nullable(),
  /** `elf`, `script`, `link`, `text`, `gone`; null when it was not looked at. */
  content: z.string().nullable(),
});
export type WatchedChange = Readonly<z.infer<typeof watchedChangeSchema>>;

/** The package manager as the agent left it. */
export const packageStateSchema = z.object({
  holders: z.array(z.object({ pid: z.number(), command: z.string(), lock: z.string() })).readonly(),
  half_configured: texts,
  /** dpkg's journal of an interrupted run is not empty. */
  interrupted: z.boolean(),
  waited_ms: z.number(),
  /** Holders that were ended because they belonged to a command that had been killed. */
  ended: texts,
});
export type PackageState = Readonly<z.infer<typeof packageStateSchema>>;

/** One look at the sandbox between the agent's last command and the tests. */
export const sceneEvidenceSchema = z.object({
  changed_paths: z.number(),
  /** The first of them, sorted. */
  changed_sample: texts,
  watched: z.array(watchedChangeSchema).readonly(),
  processes: texts,
  sockets: texts,
  killed: texts,
  workdir_recreated: z.boolean(),
  package_manager: packageStateSchema.nullable(),
});
export type SceneEvidence = Readonly<z.infer<typeof sceneEvidenceSchema>>;
