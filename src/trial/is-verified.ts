import type { Ending } from '../record/ending.js';

/** Whether the tests are run after this ending; after the others nothing about the model was measured. */
export function isVerified(ending: Ending): boolean {
  return ending !== 'model-error' && ending !== 'sandbox-error' && ending !== 'cancelled';
}
