import type { TrialData } from '../../trial/trial-data.js';
import type { PageContext } from '../page-context.js';

/** What the trial's page and its parts are drawn from. */
export interface TrialProps {
  readonly page: PageContext;
  readonly data: TrialData;
}
