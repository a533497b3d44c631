import type { CommandResult } from '../../sandbox/sandbox.js';
import { codePointCount, firstCodePoints, lastCodePoints, stripEnd } from './code-points.js';
import type { Harness, LiteralObservation } from '../harness/harness.js';
import { renderJinja } from './jinja.js';
import { fillIn } from './render-prompt.js';
import { templateVariables, type TemplateScope } from './template-scope.js';

/** What the model is shown of a command. Lengths count code points, as in Python. */
export function renderObservation(harness: Harness, result: CommandResult, scope: TemplateScope): string {
  const { observation } = harness;
  if (observation.engine === 'jinja')
    return jinjaObservation(harness, result, { source: observation.template, scope });
  const body = literalBody(observation, result.output);
  const output = result.notice === null ? body : `${body}\n${result.notice}`;
  return fillIn(observation.template, { output, exit_code: result.exitCode });
}

/** True when this command ends the trial as submitted. `shown` is what the model would be shown. */
export function isSubmission(
  { submit }: Harness,
  {
    command,
    result,
    shown,
  }: { readonly command: string; readonly result: CommandResult; readonly shown: string },
): boolean {
  if (submit.rule === 'anywhere') return command.includes(submit.marker) || shown.includes(submit.marker);
  if (result.exitCode !== 0 || result.timedOut) return false;
  const [firstLine = ''] = result.output.head.trimStart().split(/\r\n|\r|\n/, 1);
  return firstLine.trim() === submit.marker;
}

function literalBody(observation: LiteralObservation, output: CommandResult['output']): string {
  const { truncation, empty } = observation;
  const end = stripEnd(output.elided === 0 ? output.head : output.tail);
  if (output.elided === 0) {
    const length = codePointCount(end);
    if (length === 0) return empty;
    const { maxChars, keepWhole } = truncation;
    if (keepWhole === 'at-most' ? length <= maxChars : length < maxChars) return end;
    return truncatedBody(truncation, { head: end, tail: end, length });
  }
  const length = codePointCount(output.head) + output.elided + codePointCount(end);
  return truncatedBody(truncation, { head: output.head, tail: end, length });
}

function truncatedBody(
  truncation: LiteralObservation['truncation'],
  output: { readonly head: string; readonly tail: string; readonly length: number },
): string {
  const head = firstCodePoints(output.head, truncation.headChars);
  const tail = lastCodePoints(output.tail, truncation.tailChars);
  return fillIn(truncation.template, {
    hint: truncation.hint,
    head,
    tail,
    head_chars: truncation.headChars,
    tail_chars: truncation.tailChars,
    elided: output.length - codePointCount(head) - codePointCount(tail),
  });
}

/** A command that ran out of time has return code -1 and says so in `exception_info`, as mini-swe-agent has it. */
function jinjaObservation(
  { prompts, limits }: Harness,
  { output, exitCode, timedOut, notice }: CommandResult,
  { source, scope }: { readonly source: string; readonly scope: TemplateScope },
): string {
  const text = output.head + output.tail;
  const late = timedOut ? `The command was stopped after ${limits.commandTimeoutMs / 1000} seconds.` : '';
  const exceptionInfo = [late, notice ?? ''].filter((part) => part !== '').join(' ');
  return renderJinja({
    name: 'observation',
    source,
    variables: {
      ...templateVariables(prompts, scope),
      output: { output: text, returncode: timedOut ? -1 : exitCode, exception_info: exceptionInfo },
    },
    longText: { text, length: codePointCount(text) + output.elided },
  });
}
