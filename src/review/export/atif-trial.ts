import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import type { Conversation, Message } from '../../results/formats/read-conversation.js';

/** A conversation as an ATIF trajectory; one that already is ATIF stays as it was written. */
export function atifTrial(job: JobSummary, trial: TrialSummary, conversation: Conversation): unknown {
  if (conversation.format === 'atif') return conversation.raw;
  return {
    schema_version: 'ATIF-v1.5',
    session_id: trial.name,
    agent: {
      name: job.agent,
      version: job.harness?.name ?? 'unknown',
      ...(job.model === null ? {} : { model_name: job.model }),
    },
    steps: atifSteps(conversation.messages),
    final_metrics: {
      ...(trial.tokens.input === null ? {} : { total_prompt_tokens: trial.tokens.input }),
      ...(trial.tokens.output === null ? {} : { total_completion_tokens: trial.tokens.output }),
      total_steps: atifSteps(conversation.messages).length,
    },
  };
}

/** Tool answers join the step whose call they answer; an answer without its call becomes a user step. */
function atifSteps(messages: readonly Message[]): Record<string, unknown>[] {
  const steps: { step_id: number; calls: Set<string>; results: unknown[]; body: Record<string, unknown> }[] =
    [];
  for (const message of messages) {
    const last = steps.at(-1);
    if (
      message.role === 'tool' &&
      last !== undefined &&
      message.callId !== null &&
      last.calls.has(message.callId)
    ) {
      last.results.push({ source_call_id: message.callId, content: message.text });
      continue;
    }
    const isAgent = message.role === 'assistant';
    const calls = isAgent ? message.calls : [];
    steps.push({
      step_id: steps.length + 1,
      calls: new Set(calls.map((call) => call.id)),
      results: [],
      body: {
        source: isAgent ? 'agent' : message.role === 'system' ? 'system' : 'user',
        message: message.text,
        ...(isAgent && message.reasoning !== null ? { reasoning_content: message.reasoning } : {}),
        ...(calls.length === 0
          ? {}
          : {
              tool_calls: calls.map((call) => ({
                tool_call_id: call.id,
                function_name: call.name,
                arguments: isTable(call.arguments) ? call.arguments : { text: call.arguments },
              })),
            }),
      },
    });
  }
  return steps.map(({ step_id, body, results }) => ({
    step_id,
    ...body,
    ...(results.length === 0 ? {} : { observation: { results } }),
  }));
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
