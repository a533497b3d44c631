import { join } from 'node:path';
import { TaskError } from '../../base/errors.js';
import { jsonOrText } from '../../base/json-value.js';
import { readTaskText } from '../../dataset/task-files.js';
import type { Task } from '../../dataset/task.js';
import { parseConversation, type Message } from '../../results/formats/read-conversation.js';

/**
 * The conversation that a task has its agent carry on, as text to stand in front of the instruction. Text, because its calls are
 * another agent's, of tools that this model may not have. Throws TaskError for a file that is no conversation.
 */
export async function earlierConversation({ dir }: Pick<Task, 'dir'>, file: string): Promise<string> {
  const conversation = parseConversation(jsonOrText((await readTaskText(dir, file)) ?? ''));
  if (conversation === null)
    throw new TaskError(`${join(dir, file)}: neither an ATIF trajectory nor a list of chat messages`);
  const said = conversation.messages.filter(({ role }) => role !== 'system').map(messageText);
  return `<earlier_conversation>\n${said.join('')}</earlier_conversation>\n\n`;
}

function messageText({ role, text, calls }: Message): string {
  const called = calls.map(({ name, arguments: given }) => `${name}(${JSON.stringify(given)})\n`);
  const words = text === '' ? '' : `${text.trimEnd()}\n`;
  return `<${role}>\n${words}${called.join('')}</${role}>\n`;
}
