import type { TurnEntry } from '../../record/journal-entry.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import type { AgentContext } from '../agent.js';
import type { Harness } from '../harness/harness.js';
import { isSubmission, renderObservation } from '../templates/observation.js';
import { templateScope } from '../templates/template-scope.js';
import type { Command } from './parse-action.js';

/** What came of the commands of one reply. */
export interface CommandRow {
  /** The commands that were run, each with what the model is shown of it. */
  readonly shown: readonly { readonly command: Command; readonly text: string }[];
  readonly notRun: readonly Command[];
  readonly records: TurnEntry['commands'];
  readonly submitted: boolean;
}

/** Runs commands in order, each within the harness's time for one; a submission ends the row. */
export async function runCommands(
  commands: readonly Command[],
  {
    harness,
    context,
    modelCalls,
  }: { readonly harness: Harness; readonly context: AgentContext; readonly modelCalls: number },
): Promise<CommandRow> {
  const shown: { command: Command; text: string }[] = [];
  const records: TurnEntry['commands'] = [];
  const options = {
    timeoutMs: harness.limits.commandTimeoutMs,
    signal: context.clock.signal,
    // With `state: fresh` a command leaves nothing behind for the next one. It is no argument of a shell: those have a length.
    keepsState: harness.shell.state === 'kept',
  };
  for (const [index, command] of commands.entries()) {
    const result = await context.sandbox.run(command.text, options);
    const text = renderObservation(harness, result, templateScope(context, modelCalls));
    shown.push({ command, text });
    records.push(commandRecord(command, result));
    if (isSubmission(harness, { command: command.text, result, shown: text }))
      return { shown, notRun: commands.slice(index + 1), records, submitted: true };
  }
  return { shown, notRun: [], records, submitted: false };
}

function commandRecord(command: Command, result: CommandResult): TurnEntry['commands'][number] {
  return {
    call_id: command.call?.id ?? null,
    command: command.text,
    exit_code: result.exitCode,
    timed_out: result.timedOut,
    out_of_memory: result.outOfMemory,
    notice: result.notice,
    duration_ms: result.durationMs,
    total_bytes: result.output.totalBytes,
  };
}
