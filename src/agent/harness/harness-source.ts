/** A harness file's text as parsed YAML, before its format is known. */
export interface HarnessSource {
  readonly path: string;
  /** File name without its suffix. */
  readonly stem: string;
  readonly digest: string;
  readonly value: Readonly<Record<string, unknown>>;
}
