import { endText } from '../text/end-text.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import type { JobScore } from '../../score/job/job-score.js';
import { taskCells, taskColumns } from '../score/task-table.js';
import { html, type Html } from './html.js';
import { table } from './table.js';

/** The tasks of a job and, by name, what came of each trial: the name is what `tbench show` and the viewer take. */
export function taskTable(score: JobScore, trials: readonly TrialSummary[]): Html {
  const byTask = new Map<string, TrialSummary[]>();
  for (const trial of trials) byTask.set(trial.task, [...(byTask.get(trial.task) ?? []), trial]);
  return table(
    `Tasks of ${score.name}`,
    [...taskColumns, { title: 'trials' }],
    score.tasks.map((task) => [...taskCells(task), trialList(byTask.get(task.task) ?? [])]),
  );
}

function trialList(trials: readonly TrialSummary[]): Html {
  return html`<ul>
    ${trials.map((trial) => html`<li>${trial.name}: ${outcome(trial)}</li>`)}
  </ul>`;
}

function outcome({ measured, effectiveReward, blame, ending }: TrialSummary): string {
  return endText({ reward: measured ? effectiveReward : null, blame, ending });
}
