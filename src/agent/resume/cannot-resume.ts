import { TbenchError } from '../../base/errors.js';

/** A trial cannot be gone on with where another process left it: it is made anew. */
export class CannotResumeError extends TbenchError {
  override readonly code = 'cannot-resume';
}
