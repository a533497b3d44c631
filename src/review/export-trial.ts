import type { JobSummary } from '../record/job-summary.js';
import type { TrialSummary } from '../record/trial-summary.js';
import type { Conversation, Message } from '../results/formats/read-conversation.js';

/** A trial as one flat record, for CSV and JSON Lines. Times milliseconds. */
export function flatTrial(job: JobSummary, trial: TrialSummary): Record<string, string | number | null> {
  return {
    job: job.name,
    model: job.model,
    dataset: job.dataset.name,
    dataset_version: job.dataset.version,
    harness: job.harness?.name ?? null,
    task: trial.task,
    trial: trial.name,
    attempt: trial.attempt,
    reward: trial.reward,
    effective_reward: trial.effectiveReward,
    measured: trial.measured ? 1 : 0,
    ending: trial.ending,
    ending_inferred: trial.endingInferred ? 1 : 0,
    error: trial.errorType,
    blame: trial.blame,
    verifier_status: trial.status,
    verdict: trial.verdict,
    turns: trial.turns,
    input_tokens: trial.tokens.input,
    output_tokens: trial.tokens.output,
    cached_tokens: trial.tokens.cached,
    started_at: trial.startedAt,
    finished_at: trial.finishedAt,
    total_ms: trial.phasesMs.total,
    agent_ms: trial.phasesMs.agent,
    model_ms: trial.phasesMs.model,
    commands_ms: trial.phasesMs.commands,
    verifier_ms: trial.phasesMs.verifier,
    difficulty: trial.difficulty,
    category: trial.category,
    task_digest: trial.taskDigest,
  };
}

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
