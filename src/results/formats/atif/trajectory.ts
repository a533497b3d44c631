import { sumOfKnown } from '../../../base/number/sum-of-known.js';
import type { ReplyEntry } from '../../../record/journal-entry.js';
import { agentStep, trajectoryOf, type WrittenStep } from './document.js';
import type { Trajectory } from './trajectory-schema.js';
import type { JournalledTurn, TrialTurns } from './trial-turns.js';

/** The trajectory of a model's trial; null when the trial had no messages (oracle, nop). */
export function renderTrajectory(trial: TrialTurns): Trajectory | null {
  const { start, turns, end } = trial;
  if (start.messages.length === 0) return null;
  const opening = start.messages.map(({ role, content }): WrittenStep => ({
    timestamp: start.at,
    source: role,
    message: content,
  }));
  const steps = [...opening, ...turns.flatMap((turn) => turnSteps(turn, start.model))];
  const head = {
    session_id: start.trial,
    agent: {
      name: start.agent.name,
      version: start.agent.version,
      ...(start.model === null ? {} : { model_name: start.model }),
      tool_definitions: start.tools.map((tool) => ({ type: 'function', function: tool })),
      extra: {
        harness: start.harness,
        budget: start.budget,
        sampling: start.sampling,
        model_kind: start.model_kind,
      },
    },
    ...(end?.detail === null || end?.detail === undefined ? {} : { notes: end.detail }),
    extra: { task: start.task, attempt: start.attempt, ending: end?.ending ?? null },
  };
  return trajectoryOf(head, steps, finalMetrics(trial));
}

function turnSteps({ reply, result }: JournalledTurn, model: string | null): WrittenStep[] {
  const calls = [...reply.tool_calls, ...(result?.recovered_calls ?? [])];
  const ids = new Set(calls.map((call) => call.id));
  const ran = (result?.commands.length ?? 0) > 0;
  const shown = (result?.messages ?? []).filter(({ role }) => role === 'tool' || ran);
  const said = (result?.messages ?? []).filter(({ role }) => role === 'user' && !ran);
  const results = shown.map(({ call_id, content }) => ({
    ...(call_id !== null && ids.has(call_id) ? { source_call_id: call_id } : {}),
    content,
  }));
  const step = agentStep(
    {
      timestamp: reply.at,
      message: reply.content ?? '',
      ...(model === null ? {} : { model_name: model }),
      thought: reply.thought?.text ?? null,
      calls,
      results,
      metrics: renderMetrics(reply),
    },
    stepExtra({ reply, result }, calls),
  );
  return [
    step,
    ...said.map(({ content }): WrittenStep => ({
      timestamp: result?.at ?? reply.at,
      source: 'user',
      message: content,
    })),
  ];
}

function renderMetrics({ usage, timing, finish_reason }: ReplyEntry): NonNullable<WrittenStep['metrics']> {
  const { prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens } = usage;
  return {
    ...(prompt_tokens === null ? {} : { prompt_tokens }),
    ...(completion_tokens === null ? {} : { completion_tokens }),
    ...(cached_tokens === null ? {} : { cached_tokens }),
    extra: { finish_reason, ...timing, ...(reasoning_tokens === null ? {} : { reasoning_tokens }) },
  };
}

function stepExtra(
  { reply, result }: JournalledTurn,
  calls: ReplyEntry['tool_calls'],
): Record<string, unknown> {
  return {
    turn: reply.turn,
    max_tokens: reply.max_tokens,
    ...(reply.thought === null ? {} : { reasoning_field: reply.thought.field }),
    ...(calls.some((call) => call.recovered) ? { recovered: true } : {}),
    ...(reply.retries.length === 0 ? {} : { request_retries: reply.retries.length }),
    ...(result === null ? { interrupted: true } : {}),
    ...(result?.truncated === true ? { truncated: true } : {}),
    ...(result?.format_error == null ? {} : { format_error: result.format_error }),
    ...(result?.dropped_tokens == null ? {} : { dropped_tokens: result.dropped_tokens }),
    ...(result === null || result.commands.length === 0
      ? {}
      : { exit_codes: result.commands.map(({ exit_code }) => exit_code) }),
  };
}

function finalMetrics({ turns, end }: TrialTurns): Omit<Trajectory['final_metrics'], 'total_steps'> {
  const total = (key: 'prompt_tokens' | 'completion_tokens' | 'cached_tokens'): number | null =>
    sumOfKnown(turns.map(({ reply }) => reply.usage[key]));
  const [prompt, completion, cached] = [
    total('prompt_tokens'),
    total('completion_tokens'),
    total('cached_tokens'),
  ];
  return {
    ...(prompt === null ? {} : { total_prompt_tokens: prompt }),
    ...(completion === null ? {} : { total_completion_tokens: completion }),
    ...(cached === null ? {} : { total_cached_tokens: cached }),
    ...(end === null ? {} : { extra: { totals: end.totals } }),
  };
}
