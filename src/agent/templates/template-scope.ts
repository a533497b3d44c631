import type { AgentContext } from '../agent.js';
import type { Prompts } from '../harness/harness.js';

/** What templates may use beside the harness's own variables. */
export interface TemplateScope {
  readonly modelCalls: number;
  readonly elapsedMs: number;
  readonly task: string;
}

/** The scope of a moment in the trial. */
export function templateScope({ clock, task }: AgentContext, modelCalls: number): TemplateScope {
  return { modelCalls, elapsedMs: clock.read().elapsedMs, task: task.instruction };
}

/** Variables of a Jinja template; later ones win. A served model has no price, so its cost is 0. */
export function templateVariables(
  prompts: Prompts,
  { modelCalls, elapsedMs, task }: TemplateScope,
): Record<string, unknown> {
  return {
    ...prompts.variables,
    n_model_calls: modelCalls,
    model_cost: 0,
    elapsed_seconds: Math.floor(elapsedMs / 1000),
    task,
  };
}
