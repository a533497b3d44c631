/** A command that says when an environment or a service is ready, with the meaning of Docker's HEALTHCHECK. */
export interface TaskHealthcheck {
  readonly command: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}
