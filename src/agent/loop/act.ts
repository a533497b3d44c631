import type { ChatModel, ChatReply } from '../../model/chat-model.js';
import type { TurnEntry } from '../../record/journal-entry.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import { parseAction, type Action, type Command, type FormatError } from './action.js';
import type { AgentContext } from '../agent.js';
import type { Conversation } from './conversation.js';
import { ended, type EndingOutcome } from '../ending.js';
import type { Harness } from '../harness/harness.js';
import type { AnsweredCall } from './history.js';
import { isSubmission, renderObservation } from '../templates/observation.js';
import { quoteForShell } from '../../base/shell-quote.js';
import { formatErrorMessage, type TemplateScope } from '../templates/render-prompt.js';

/** Everything a turn works with. */
export interface Turning {
  readonly harness: Harness;
  readonly model: ChatModel;
  readonly conversation: Conversation;
  readonly context: AgentContext;
}

/** What came of acting on a reply. */
export interface ActionOutcome {
  readonly formatError: FormatError['reason'] | null;
  readonly commands: TurnEntry['commands'];
  /** Whether the reply stays in the history, with these answers to its calls. */
  readonly replyStays: boolean;
  readonly answered: readonly AnsweredCall[];
  readonly userMessage: string | null;
  readonly ending: EndingOutcome | null;
}

const nothing = { formatError: null, commands: [], replyStays: true, answered: [], userMessage: null };

/** Does what a reply asks for, by the harness's rules. */
export async function act(turning: Turning, reply: ChatReply, truncated: boolean): Promise<ActionOutcome> {
  const { harness, conversation } = turning;
  const action = parseAction({ ...reply, truncated }, harness.actions, harness.tool.name);
  if (action.kind === 'format-error') return turnDown(turning, reply, action);
  conversation.formatErrorsInARow = 0;
  if (action.kind === 'submit')
    return { ...nothing, ending: ended('submitted', 'a response without a call') };
  return run(turning, action);
}

async function run(turning: Turning, action: Extract<Action, { kind: 'run' }>): Promise<ActionOutcome> {
  const ran = await runCommands(turning, action.commands);
  const { passedOverText } = turning.harness.actions;
  const notRun = [...ran.notRun.flatMap(({ call }) => (call === null ? [] : [call])), ...action.passedOver];
  return {
    ...nothing,
    commands: ran.records,
    answered: [
      ...ran.shown.flatMap(({ command: { call }, text }) => (call === null ? [] : [{ call, answer: text }])),
      ...(passedOverText === null ? [] : notRun.map((call) => ({ call, answer: passedOverText }))),
    ],
    userMessage: ran.shown.find(({ command }) => command.call === null)?.text ?? null,
    ending: ran.submitted ? ended('submitted') : null,
  };
}

/** Tells the model that its reply cannot be used, as the harness places it. */
function turnDown({ harness, conversation }: Turning, reply: ChatReply, error: FormatError): ActionOutcome {
  conversation.formatErrorsInARow += 1;
  conversation.count('formatErrors', 1);
  const text = formatErrorMessage(harness, {
    reason: error.reason,
    finishReason: reply.finishReason,
    hasToolCalls: reply.toolCalls.length > 0,
    actions: error.found,
  });
  const { formatErrors, limits } = harness;
  const replyStays = formatErrors.reply === 'keep';
  const call = replyStays && formatErrors.role === 'tool' ? error.answerable : null;
  const inARow = conversation.formatErrorsInARow;
  const over = limits.consecutiveFormatErrors !== null && inARow >= limits.consecutiveFormatErrors;
  return {
    formatError: error.reason,
    commands: [],
    replyStays,
    answered: call === null ? [] : [{ call, answer: text }],
    userMessage: call === null ? text : null,
    ending: over
      ? ended('format-errors', `${inARow} format errors in a row, the last: ${error.reason}`)
      : null,
  };
}

interface Ran {
  readonly shown: readonly { readonly command: Command; readonly text: string }[];
  readonly notRun: readonly Command[];
  readonly records: TurnEntry['commands'];
  readonly submitted: boolean;
}

/** Runs the commands in order; a submission ends the row. */
async function runCommands(
  { harness, context, conversation }: Turning,
  commands: readonly Command[],
): Promise<Ran> {
  const shown: { command: Command; text: string }[] = [];
  const records: TurnEntry['commands'] = [];
  for (const [index, command] of commands.entries()) {
    const { commandTimeoutMs: timeoutMs } = harness.limits;
    const result = await context.sandbox.run(shellCommand(harness, command.text), {
      timeoutMs,
      signal: context.clock.signal,
    });
    const text = renderObservation(harness, result, scopeOf(context, conversation.turn));
    shown.push({ command, text });
    records.push(commandRecord(command, result));
    if (isSubmission(harness, { command: command.text, result, shown: text }))
      return { shown, notRun: commands.slice(index + 1), records, submitted: true };
  }
  return { shown, notRun: [], records, submitted: false };
}

/** A command that starts anew runs in a shell of its own, and leaves nothing behind in the agent's. */
function shellCommand({ shell }: Harness, text: string): string {
  return shell.state === 'kept' ? text : `bash -c ${quoteForShell(text)}`;
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

/** Template variables of a moment in the trial. */
export function scopeOf({ clock, task }: AgentContext, modelCalls: number): TemplateScope {
  return { modelCalls, elapsedMs: clock.read().elapsedMs, task: task.instruction };
}
