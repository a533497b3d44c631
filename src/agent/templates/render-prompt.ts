import type { FormatErrorReason, Harness } from '../harness/harness.js';
import { renderJinja } from './jinja.js';

/** What templates may use beside the harness's own variables. */
export interface TemplateScope {
  readonly modelCalls: number;
  readonly elapsedMs: number;
  readonly task: string;
}

/** The two messages every trial begins with. Throws `InputError` for a template that cannot be rendered. */
export function openingMessages(
  { prompts }: Harness,
  scope: TemplateScope,
): { readonly system: string; readonly user: string } {
  const task = prompts.stripTask ? scope.task.trim() : scope.task;
  if (prompts.engine === 'literal')
    return { system: prompts.system, user: fillIn(prompts.instance, { task }) };
  const variables = templateVariables(prompts, { ...scope, task });
  return {
    system: renderJinja({ name: 'system', source: prompts.system, variables }),
    user: renderJinja({ name: 'instance', source: prompts.instance, variables }),
  };
}

export interface FormatErrorFacts {
  readonly reason: FormatErrorReason;
  readonly finishReason: string | null;
  readonly hasToolCalls: boolean;
  /** Commands found, in text mode. */
  readonly actions: readonly string[];
}

/** What the model is told when its reply was turned down. */
export function formatErrorMessage(
  { prompts, formatErrors, actions }: Harness,
  facts: FormatErrorFacts,
): string {
  const error = formatErrors.texts[facts.reason];
  if (prompts.engine === 'literal') return fillIn(prompts.formatError, { error });
  return renderJinja({
    name: 'format_error',
    source: prompts.formatError,
    variables: {
      error,
      actions: facts.actions,
      ...(facts.finishReason === null ? {} : { finish_reason: facts.finishReason }),
      ...(actions.source.kind === 'tool' ? { has_tool_calls: facts.hasToolCalls } : {}),
    },
  });
}

/** Replaces `{{name}}` for the given names in one pass: nothing that is put in is looked at again. */
export function fillIn(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** Variables of a Jinja template; later ones win. */
export function templateVariables(
  prompts: Harness['prompts'],
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
