import type { ShelvedJob } from '../../job-shelf.js';
import type { PageContext } from '../page-context.js';

/** What the job's page and its parts are drawn from. */
export interface JobProps {
  readonly page: PageContext;
  readonly job: ShelvedJob;
}
