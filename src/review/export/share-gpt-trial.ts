import type { TrialSummary } from '../../record/trial-summary.js';
import type { Conversation, Message } from '../../results/formats/read-conversation.js';

/** A conversation in ShareGPT's form; tool calls as JSON text, thinking before the answer as models emit it. */
export function shareGptTrial(trial: TrialSummary, conversation: Conversation): Record<string, unknown> {
  return {
    id: trial.name,
    task: trial.task,
    reward: trial.reward,
    conversations: conversation.messages.map((message) => ({
      from: shareGptRoles[message.role],
      value: valueOf(message),
    })),
  };
}

const shareGptRoles: Readonly<Record<Message['role'], string>> = {
  system: 'system',
  user: 'human',
  assistant: 'gpt',
  tool: 'tool',
};

function valueOf(message: Message): string {
  const thinking = message.reasoning === null ? [] : [`<think>${message.reasoning}</think>`];
  const calls = message.calls.map(
    (call) => `<tool_call>${JSON.stringify({ name: call.name, arguments: call.arguments })}</tool_call>`,
  );
  return [...thinking, message.text, ...calls].filter((text) => text !== '').join('\n');
}
