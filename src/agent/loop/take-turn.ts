import type { TokenCount } from '../../model/chat-model.js';
import { recoverToolCalls } from '../../model/recover/recover-tool-calls.js';
import { ended, timeUp, type EndingOutcome } from '../ending.js';
import { replyEntry, turnEntry } from '../journal-entries.js';
import { act, type Loop } from './act.js';
import { estimatePrompt, planTurn } from './budget.js';
import { isCutByContext, isTruncated } from './parse-action.js';

/** Takes one turn: one request, and what comes of its answer. Returns why the trial ends, or null. */
export async function takeTurn(loop: Loop): Promise<EndingOutcome | null> {
  const { harness, model, history, context } = loop;
  await context.hold();
  const limit = reachedLimit(loop);
  if (limit !== null) return limit;
  const counted = await countPrompt(loop);
  const plan = planTurn(harness.budget, counted, model.maxModelLen);
  if (plan.kind === 'stop') return ended('token-budget', plan.detail);
  history.turn += 1;
  const request = history.request(plan.maxTokens);
  const answer = await model.complete(request, { clock: context.clock });
  const raw = history.believed(answer, counted);
  const dropped = history.book(request, raw, counted);
  await context.journal.append(replyEntry(history.turn, raw, { counted, maxTokens: plan.maxTokens }));
  const { actions, tool } = harness;
  const reply = actions.toolCalls === 'recover' ? recoverToolCalls(raw, [tool.name]) : raw;
  const truncated = isTruncated(raw, plan.maxTokens);
  const cutByContext = isCutByContext(raw, plan.maxTokens);
  const recovered = reply.toolCalls.filter((call) => call.recovered);
  history.count('truncatedTurns', truncated ? 1 : 0);
  history.count('recoveredCalls', recovered.length);
  const result = await act(loop, reply, truncated);
  history.addTurn(reply, result);
  await context.journal.append(
    turnEntry(history.turn, { ...result, truncated, cutByContext, recovered, dropped }),
  );
  const { outputTokens } = history.totals;
  context.onProgress({
    turn: history.turn,
    contextTokens: contextTokens(loop),
    contextLimit: harness.budget.totalTokens,
    outputTokens,
  });
  return result.ending;
}

function reachedLimit({ harness, history, context }: Loop): EndingOutcome | null {
  const { turns, wallTimeMs } = harness.limits;
  if (turns !== null && history.turn >= turns) return ended('turn-limit', `${turns} turns`);
  if (wallTimeMs !== null && context.clock.read().wallMs >= wallTimeMs)
    return timeUp(`the harness's time of ${wallTimeMs / 1000} s was up`, context.clock);
  return null;
}

/** Tokens of the next prompt: the server's count, else an estimate that says so. */
async function countPrompt({ model, history, context, harness }: Loop): Promise<TokenCount> {
  const request = history.request(harness.budget.turnTokens);
  const counted = await model.countTokens(request, { clock: context.clock });
  return counted ?? estimatePrompt(request, history.last);
}

function contextTokens({ history: { last } }: Loop): number {
  return last === null ? 0 : last.promptTokens + last.completionTokens;
}
