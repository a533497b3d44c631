/** Who a container belongs to; written as labels so that leftovers can be found after a kill -9. */
export interface SandboxOwner {
  readonly job: string;
  readonly trial: string;
  readonly task: string;
  /** The user wants the container left behind: only `tbench clean` removes it. Default false. */
  readonly keep?: boolean;
  /** The file in which the trial's folder says who works with the container (see cleanup/claim.ts). */
  readonly claim?: string;
}
