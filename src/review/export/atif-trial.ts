import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { chatTrajectory } from '../../results/formats/atif/chat-trajectory.js';
import type { Conversation } from '../../results/formats/read-conversation.js';

/** A conversation as an ATIF trajectory, null for one without a message; one that already is ATIF stays as it was written. */
export function atifTrial(job: JobSummary, trial: TrialSummary, conversation: Conversation): unknown {
  if (conversation.format === 'atif') return conversation.raw;
  const agent = {
    name: job.agent,
    version: job.harness?.name ?? 'unknown',
    ...(job.model === null ? {} : { model_name: job.model }),
  };
  return chatTrajectory({ session_id: trial.name, agent }, conversation.messages, {
    ...(trial.tokens.input === null ? {} : { total_prompt_tokens: trial.tokens.input }),
    ...(trial.tokens.output === null ? {} : { total_completion_tokens: trial.tokens.output }),
  });
}
