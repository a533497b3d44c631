/** What one job of a run would be; nothing was started and no server was asked for it. */
export interface DryJob {
  readonly dataset: string;
  /** The model's name, or the kind of agent. */
  readonly actor: string;
  readonly tasks: number;
  readonly attempts: number;
  readonly concurrency: number | 'auto';
  /** Tasks that cannot be run, a line each. */
  readonly leftOut: readonly string[];
  /** If every agent and every verifier takes all its time, without builds, pulls and retries; null when a task has no limit. */
  readonly longestMs: number | null;
  /** Images that are fetched by name. */
  readonly images: readonly string[];
  /** Images that are built from a task's folder. */
  readonly builds: number;
  /** Tokens of context that all trials together may use at most; null without a model. */
  readonly mostTokens: number | null;
}
