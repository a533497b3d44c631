import type { TrialResult } from '../record/trial-result.js';
import type { TrialEvent } from '../record/event.js';

/** What can be seen of a job while it runs; the progress display and job.log are made from nothing else. */
export type JobEvent =
  | {
      readonly kind: 'job-start';
      readonly job: string;
      readonly total: number;
      readonly reused: readonly TrialResult[];
    }
  | { readonly kind: 'job-note'; readonly text: string }
  | { readonly kind: 'trial-start'; readonly trial: string; readonly task: string; readonly attempt: number }
  | { readonly kind: 'trial-retry'; readonly trial: string; readonly tries: number; readonly reason: string }
  | { readonly kind: 'trial-end'; readonly trial: string; readonly result: TrialResult }
  | { readonly kind: 'trial-cancelled'; readonly trial: string }
  | { readonly kind: 'job-end'; readonly job: string }
  | TrialEvent;

/** One plain line for an event, or null for those that only a live display can show. */
export function describeEvent(event: JobEvent): string | null {
  switch (event.kind) {
    case 'job-start':
      return `job ${event.job}: ${event.total} trials, ${event.reused.length} already done`;
    case 'job-note':
      return event.text;
    case 'trial-start':
      return `${event.trial} start`;
    case 'trial-retry':
      return `${event.trial} try ${event.tries} failed, trying again: ${firstLine(event.reason)}`;
    case 'trial-end':
      return `${event.trial} end: ${describeResult(event.result)}`;
    case 'trial-cancelled':
      return `${event.trial} cancelled`;
    case 'job-end':
      return `job ${event.job} end`;
    case 'trial-detail':
    case 'trial-note':
      return `${event.trial} ${firstLine(event.text)}`;
    case 'trial-phase':
    case 'trial-turn':
      return null;
  }
}

/** Reward, ending and failure of a trial in a few words. */
export function describeResult(result: TrialResult): string {
  const reward = result.integrity?.effective_reward;
  const parts = [
    result.verifier_result === null ? 'no verdict' : `reward ${reward ?? 0}`,
    result.tbench.ending ?? 'no ending',
    ...(result.integrity === null || result.integrity.verdict === 'clean' ? [] : [result.integrity.verdict]),
    ...(result.exception_info === null
      ? []
      : [`${result.exception_info.exception_type}: ${firstLine(result.exception_info.exception_message)}`]),
  ];
  return parts.join(', ');
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
