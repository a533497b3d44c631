/** A call found in text, with the place where its text begins. */
export interface FoundCall {
  readonly name: string;
  /** As JSON. */
  readonly arguments: string;
  readonly start: number;
}
