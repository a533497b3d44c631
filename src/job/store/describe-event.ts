import { describeControl } from '../../record/control-command.js';
import type { JobEvent } from '../../record/event.js';
import type { TrialEnd } from '../../record/trial-end.js';

/** One plain line for an event, or null for those that only a live display can show. */
export function describeEvent(event: JobEvent): string | null {
  switch (event.kind) {
    case 'job-start':
      return `job ${event.job}: ${event.total} trials, ${event.reused} already done`;
    case 'job-note':
      return event.text;
    case 'trial-start':
      return `${event.trial} start`;
    case 'trial-retry':
      return `${event.trial} try ${event.tries} failed, trying again: ${firstLine(event.reason)}`;
    case 'trial-end':
      return `${event.end.trial} end: ${describeEnd(event.end)}`;
    case 'trial-cancelled':
      return `${event.trial} cancelled`;
    case 'job-control':
      return describeControl(event.command);
    case 'job-end':
      return `job ${event.job} end`;
    case 'trial-detail':
    case 'trial-note':
      return `${event.trial} ${firstLine(event.text)}`;
    case 'trial-reused':
    case 'trial-phase':
    case 'trial-turn':
      return null;
  }
}

/** Reward, ending and failure of a trial in a few words. */
function describeEnd({ reward, ending, verdict, exception }: TrialEnd): string {
  const parts = [
    reward === null ? 'no verdict' : `reward ${reward}`,
    ending ?? 'no ending',
    ...(verdict === null || verdict === 'clean' ? [] : [verdict]),
    ...(exception === null ? [] : [`${exception.type}: ${firstLine(exception.message)}`]),
  ];
  return parts.join(', ');
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
