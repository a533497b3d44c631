import { InputError } from '../../base/errors.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import { formatErrorReasons, type Harness } from './harness.js';
import { renderObservation } from '../templates/observation.js';
import { formatErrorMessage, openingMessages } from '../templates/render-prompt.js';

const scope = { modelCalls: 1, elapsedMs: 1_000, task: 'a task' };

/**
 * Renders every template with made-up values, so that a mistake shows before a job starts.
 * Throws `InputError` naming the file and the template.
 */
export function checkTemplates(harness: Harness, path: string): void {
  try {
    renderAll(harness);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`harness file ${path}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function renderAll(harness: Harness): void {
  openingMessages(harness, scope);
  for (const result of sampleResults(harness)) renderObservation(harness, result, scope);
  for (const reason of formatErrorReasons)
    for (const finishReason of ['stop', 'length', null])
      formatErrorMessage(harness, { reason, finishReason, hasToolCalls: false, actions: ['one', 'two'] });
}

function sampleResults({ outputLimits: { head, tail } }: Harness): CommandResult[] {
  const result = { exitCode: 0, outOfMemory: false, notice: null, durationMs: 1, timedOut: false };
  const short = { head: 'some output', tail: '', elided: 0, totalBytes: 11 };
  const long = { head: 'h'.repeat(head), tail: 't'.repeat(tail), elided: 1, totalBytes: head + tail + 1 };
  return [
    { ...result, output: short },
    { ...result, output: long },
    { ...result, output: short, exitCode: 124, timedOut: true },
  ];
}
