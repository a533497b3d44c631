import type { FormatErrorReason, Harness } from '../harness/harness.js';
import { renderJinja } from './jinja.js';
import { templateVariables, type TemplateScope } from './template-scope.js';

export interface PromptMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** The two messages every trial begins with. Throws `InputError` for a template that cannot be rendered. */
export function openingMessages({ prompts }: Harness, scope: TemplateScope): readonly PromptMessage[] {
  const task = prompts.stripTask ? scope.task.trim() : scope.task;
  const variables = templateVariables(prompts, { ...scope, task });
  const jinja = (name: string, source: string): string => renderJinja({ name, source, variables });
  const literal = prompts.engine === 'literal';
  return [
    { role: 'system', content: literal ? prompts.system : jinja('system', prompts.system) },
    {
      role: 'user',
      content: literal ? fillIn(prompts.instance, { task }) : jinja('instance', prompts.instance),
    },
  ];
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
