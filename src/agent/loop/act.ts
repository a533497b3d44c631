import type { ChatModel, ChatReply } from '../../model/chat-model.js';
import type { TurnEntry } from '../../record/journal-entry.js';
import type { AgentContext } from '../agent.js';
import { ended, type EndingOutcome } from '../ending.js';
import type { Harness } from '../harness/harness.js';
import { formatErrorMessage } from '../templates/render-prompt.js';
import { parseAction, type Action, type FormatError } from './parse-action.js';
import { runCommands } from './run-commands.js';
import type { TrialHistory } from './trial-history.js';
import type { AnsweredCall } from './turn-messages.js';

/** Everything a turn works with. */
export interface Loop {
  readonly harness: Harness;
  readonly model: ChatModel;
  readonly history: TrialHistory;
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
export async function act(loop: Loop, reply: ChatReply, truncated: boolean): Promise<ActionOutcome> {
  const { harness, history } = loop;
  const action = parseAction({ ...reply, truncated }, harness.actions, harness.tool.name);
  if (action.kind === 'format-error') return turnDown(loop, reply, action);
  history.formatErrorsInARow = 0;
  if (action.kind === 'submit')
    return { ...nothing, ending: ended('submitted', 'a response without a call') };
  return run(loop, action);
}

async function run(
  { harness, history, context }: Loop,
  action: Extract<Action, { kind: 'run' }>,
): Promise<ActionOutcome> {
  const row = await runCommands(action.commands, { harness, context, modelCalls: history.turn });
  const { passedOverText } = harness.actions;
  const notRun = [...row.notRun.flatMap(({ call }) => (call === null ? [] : [call])), ...action.passedOver];
  return {
    ...nothing,
    commands: row.records,
    answered: [
      ...row.shown.flatMap(({ command: { call }, text }) => (call === null ? [] : [{ call, answer: text }])),
      ...(passedOverText === null ? [] : notRun.map((call) => ({ call, answer: passedOverText }))),
    ],
    userMessage: row.shown.find(({ command }) => command.call === null)?.text ?? null,
    ending: row.submitted ? ended('submitted') : null,
  };
}

/** Tells the model that its reply cannot be used, as the harness places it. */
function turnDown({ harness, history }: Loop, reply: ChatReply, error: FormatError): ActionOutcome {
  history.formatErrorsInARow += 1;
  history.count('formatErrors', 1);
  const text = formatErrorMessage(harness, {
    reason: error.reason,
    finishReason: reply.finishReason,
    hasToolCalls: reply.toolCalls.length > 0,
    actions: error.found,
  });
  const { formatErrors, limits } = harness;
  const replyStays = formatErrors.reply === 'keep';
  const call = replyStays && formatErrors.role === 'tool' ? error.answerable : null;
  const inARow = history.formatErrorsInARow;
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
