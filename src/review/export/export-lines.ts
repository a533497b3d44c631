import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { readConversation } from '../../results/formats/read-conversation.js';
import { flatTrial, type FlatTrial } from './flat-trial.js';
import type { Clean } from './redact-for-sharing.js';
import { shareGptTrial } from './share-gpt-trial.js';

/** The trials as flat records, for CSV and JSON Lines. */
export function exportRows(job: JobSummary, trials: readonly TrialSummary[], clean: Clean): FlatTrial[] {
  return trials.map((trial) => clean(flatTrial(job, trial)));
}

/** The conversations in ShareGPT's form, one a trial that has one. */
export function exportConversations(
  trials: readonly TrialSummary[],
  clean: Clean,
): Record<string, unknown>[] {
  return trials.flatMap((trial) => {
    const conversation = trial.dir === null ? null : readConversation(trial.dir);
    return conversation === null ? [] : [clean(shareGptTrial(trial, conversation))];
  });
}
