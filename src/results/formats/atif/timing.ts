import { sumOfKnown } from '../../../base/number/sum-of-known.js';
import type { JournalledTurn, TrialTurns } from './trial-turns.js';

/** `agent/timing.json`: Tmax's rows (`step`, `llm_s`, `bash_s`, `return_code`, `cmd` or `format_error`), then ours. */
export function renderTiming({ turns }: TrialTurns): Record<string, unknown>[] {
  return turns.map(timingRow);
}

function timingRow({ reply, result }: JournalledTurn): Record<string, unknown> {
  const { timing, retries } = reply;
  return {
    step: reply.turn,
    llm_s: seconds(timing.total_ms),
    ...acted(result),
    queue_s: seconds(timing.queue_ms),
    first_token_s: timing.first_token_ms === null ? null : seconds(timing.first_token_ms),
    retry_wait_s: seconds(sumOfKnown(retries.map((retry) => retry.waited_ms)) ?? 0),
    retries: retries.length,
  };
}

function acted(result: JournalledTurn['result']): Record<string, unknown> {
  if (result === null) return { interrupted: true };
  if (result.format_error !== null) return { format_error: true, reason: result.format_error };
  const last = result.commands.at(-1);
  if (last === undefined) return {};
  return {
    bash_s: seconds(sumOfKnown(result.commands.map((command) => command.duration_ms)) ?? 0),
    return_code: last.exit_code,
    cmd: result.commands
      .map((command) => command.command)
      .join('\n')
      .slice(0, 200),
    ...(result.commands.some((command) => command.timed_out) ? { timed_out: true } : {}),
  };
}

/** To the millisecond; Tmax rounds to a tenth, which hides most commands. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
