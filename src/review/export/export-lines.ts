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
export async function exportConversations(
  trials: readonly TrialSummary[],
  clean: Clean,
): Promise<Record<string, unknown>[]> {
  const conversations: Record<string, unknown>[] = [];
  for (const trial of trials) {
    const conversation = trial.dir === null ? null : await readConversation(trial.dir);
    if (conversation !== null) conversations.push(clean(shareGptTrial(trial, conversation)));
  }
  return conversations;
}
