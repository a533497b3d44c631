import type { Message } from '../read-conversation.js';
import { agentStep, trajectoryOf, type WrittenStep, type WrittenCall } from './document.js';
import type { Trajectory } from './trajectory-schema.js';

/** A recorded list of chat messages as a trajectory; null for an empty one, which the format does not know. */
export function chatTrajectory(
  head: Pick<Trajectory, 'session_id' | 'agent'>,
  messages: readonly Message[],
  metrics: Omit<Trajectory['final_metrics'], 'total_steps'>,
): Trajectory | null {
  return messages.length === 0 ? null : trajectoryOf(head, chatSteps(messages), metrics);
}

type Result = Parameters<typeof agentStep>[0]['results'][number];

/** Answers of tools join the step whose call they answer; an answer without its call becomes a user's step. */
function chatSteps(messages: readonly Message[]): WrittenStep[] {
  const turns: { message: Message; results: Result[] }[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    const { callId } = message;
    const answers = message.role === 'tool' && last?.message.calls.some(({ id }) => id === callId) === true;
    if (answers && callId !== null) last.results.push({ source_call_id: callId, content: message.text });
    else turns.push({ message, results: [] });
  }
  return turns.map(({ message, results }) => chatStep(message, results));
}

function chatStep({ role, text, reasoning, calls }: Message, results: readonly Result[]): WrittenStep {
  if (role !== 'assistant') return { source: role === 'system' ? 'system' : 'user', message: text };
  return agentStep({
    message: text,
    thought: reasoning,
    calls: calls satisfies readonly WrittenCall[],
    results,
  });
}
