import type { TokenCount } from '../../model/chat-model.js';
import { recoverToolCalls } from '../../model/recover/recover-tool-calls.js';
import { act, type Turning } from './act.js';
import { isTruncated } from './action.js';
import { estimatePrompt, planTurn } from './budget.js';
import { ended, type EndingOutcome } from '../ending.js';
import { replyEntry, turnEntry } from '../journal-entries.js';

/** Takes one turn: one request, and what comes of its answer. Returns why the trial ends, or null. */
export async function takeTurn(turning: Turning): Promise<EndingOutcome | null> {
  const { harness, model, conversation, context } = turning;
  const limit = reachedLimit(turning);
  if (limit !== null) return limit;
  const counted = await countPrompt(turning);
  const plan = planTurn(harness.budget, counted, model.maxModelLen);
  if (plan.kind === 'stop') return ended('token-budget', plan.detail);
  conversation.turn += 1;
  const request = conversation.request(plan.maxTokens);
  const raw = await model.complete(request, { clock: context.clock });
  const dropped = conversation.book(request, raw, counted);
  await context.journal.append(replyEntry(conversation.turn, raw, { counted, maxTokens: plan.maxTokens }));
  const { actions, tool } = harness;
  const reply = actions.toolCalls === 'recover' ? recoverToolCalls(raw, [tool.name]) : raw;
  const truncated = isTruncated(raw, plan.maxTokens);
  const recovered = reply.toolCalls.filter((call) => call.recovered);
  conversation.count('truncatedTurns', truncated ? 1 : 0);
  conversation.count('recoveredCalls', recovered.length);
  const result = await act(turning, reply, truncated);
  conversation.addExchange(reply, result);
  await context.journal.append(turnEntry(conversation.turn, { ...result, truncated, recovered, dropped }));
  context.onProgress({ turn: conversation.turn, contextTokens: contextTokens(turning) });
  return result.ending;
}

function reachedLimit({ harness, conversation, context }: Turning): EndingOutcome | null {
  const { turns, wallTimeMs } = harness.limits;
  if (turns !== null && conversation.turn >= turns) return ended('turn-limit', `${turns} turns`);
  if (wallTimeMs !== null && context.clock.read().wallMs >= wallTimeMs)
    return ended('agent-timeout', `the harness's time of ${wallTimeMs / 1000} s was up`);
  return null;
}

/** Tokens of the next prompt: the server's count, else an estimate that says so. */
async function countPrompt({ model, conversation, context, harness }: Turning): Promise<TokenCount> {
  const request = conversation.request(harness.budget.turnTokens);
  const counted = await model.countTokens(request, { clock: context.clock });
  return counted ?? estimatePrompt(request, conversation.last);
}

function contextTokens({ conversation: { last } }: Turning): number {
  return last === null ? 0 : last.promptTokens + last.completionTokens;
}
