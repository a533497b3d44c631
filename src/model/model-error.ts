import { TbenchError, type ErrorDetails } from '../base/errors.js';
import type { FailureClass, RequestRetry } from './chat-model.js';

/** A request to the model server that failed for good. `class` says what the caller should do about it. */
export class ModelError extends TbenchError {
  override readonly code = 'model';
  readonly class: FailureClass;
  readonly status: number | null;
  readonly retries: readonly RequestRetry[];

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly class: FailureClass;
      readonly status?: number | null;
      readonly retries?: readonly RequestRetry[];
    },
  ) {
    super(message, details);
    this.class = details.class;
    this.status = details.status ?? null;
    this.retries = details.retries ?? [];
  }
}
