/** One thing looked at. `mend` names the flag to change. */
export interface PreflightCheck {
  readonly name: 'health' | 'model' | 'context' | 'tokenizer' | 'tool-call' | 'text' | 'thought' | 'history';
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly mend: string | null;
}

export interface ServerReport {
  readonly baseUrl: string;
  /** As its /version says; null where it has none, as servers other than vLLM. */
  readonly version: string | null;
  readonly checks: readonly PreflightCheck[];
  readonly durationMs: number;
}

export interface PreflightReport {
  /** False when any check of any server failed. */
  readonly ok: boolean;
  readonly servers: readonly ServerReport[];
}
