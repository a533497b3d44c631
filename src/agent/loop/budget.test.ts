import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../model/chat-model.js';
import { charactersOf, estimatePrompt, lastRequestOf, planTurn } from './budget.js';
import type { Budget } from '../harness/harness.js';

const stop: Budget = { turnTokens: 16_384, totalTokens: 65_536, whenTight: 'stop' };
const clamp: Budget = { ...stop, whenTight: 'clamp' };
const exact = (tokens: number) => ({ tokens, exact: true });

describe('planTurn', () => {
  test.each([
    [stop, 0, null, 16_384],
    [stop, 49_152, null, 16_384],
    [stop, 49_153, null, null],
    [stop, 16_384, 32_768, 16_384],
    [stop, 16_385, 32_768, null],
    [clamp, 49_153, null, 16_383],
    [clamp, 65_535, null, 1],
    [clamp, 65_536, null, null],
    [clamp, 70_000, null, null],
    [clamp, 32_000, 32_768, 768],
  ])('%# gives the turn its tokens or ends the trial', (budget, tokens, maxModelLen, expected) => {
    const plan = planTurn(budget, exact(tokens), maxModelLen);
    expect(plan.kind === 'send' ? plan.maxTokens : null).toBe(expected);
  });

  test('never plans beyond the budget or the context, and clamps only when tight', () => {
    const budgets = fc.record({
      turnTokens: fc.integer({ min: 1, max: 20_000 }),
      totalTokens: fc.integer({ min: 1, max: 70_000 }),
      whenTight: fc.constantFrom('stop' as const, 'clamp' as const),
    });
    fc.assert(
      fc.property(
        budgets,
        fc.nat(80_000),
        fc.option(fc.integer({ min: 1, max: 70_000 })),
        (budget, tokens, maxModelLen) => {
          const limit = Math.min(budget.totalTokens, maxModelLen ?? Infinity);
          const plan = planTurn(budget, exact(tokens), maxModelLen);
          const fits = tokens + budget.turnTokens <= limit;
          if (plan.kind === 'stop') expect(budget.whenTight === 'stop' ? fits : tokens < limit).toBe(false);
          else {
            expect(plan.maxTokens).toBeGreaterThanOrEqual(1);
            expect(tokens + plan.maxTokens).toBeLessThanOrEqual(limit);
            expect(plan.maxTokens === budget.turnTokens || (budget.whenTight === 'clamp' && !fits)).toBe(
              true,
            );
          }
        },
      ),
    );
  });

  test('says the sum that did not fit', () => {
    expect(planTurn(stop, { tokens: 50_000, exact: false }, 60_000)).toEqual({
      kind: 'stop',
      detail: 'a prompt of about 50000 tokens and 16384 for the turn do not fit in 60000',
    });
  });
});

describe('estimatePrompt', () => {
  const opening: ChatMessage[] = [
    { role: 'system', content: 's'.repeat(400) },
    { role: 'user', content: 'u'.repeat(800) },
  ];
  const assistant: ChatMessage = {
    role: 'assistant',
    content: 'a'.repeat(100),
    thought: { field: 'reasoning', text: 't'.repeat(50) },
    toolCalls: [{ id: 'x', name: 'bash', arguments: '{}', recovered: false }],
  };
  const request = { messages: opening, tools: [], sampling: {}, maxTokens: 10 };
  const usage = { promptTokens: 300, completionTokens: 40, cachedTokens: null, reasoningTokens: null };
  const last = lastRequestOf(request, exact(1), { usage, characters: 0 });

  test('counts all characters of a message', () => {
    expect(charactersOf([assistant])).toBe(100 + 50 + 4 + 2);
  });

  test('marks itself as an estimate and errs on the long side at first', () => {
    expect(estimatePrompt(request, null)).toEqual({ tokens: Math.ceil(1_202 / 3) + 16, exact: false });
  });

  test('adds what came since to the last usage, at the rate seen so far', () => {
    const messages = [
      ...opening,
      assistant,
      { role: 'tool' as const, toolCallId: 'x', content: 'o'.repeat(400) },
    ];
    expect(estimatePrompt({ messages, tools: [] }, last)).toEqual({
      tokens: 300 + 40 + 100 + 8,
      exact: false,
    });
  });

  test('leaves out an answer that did not stay in the history', () => {
    const messages = [...opening, { role: 'user' as const, content: 'e'.repeat(40) }];
    expect(estimatePrompt({ messages, tools: [] }, last).tokens).toBe(300 + 10 + 8);
  });

  test('goes by its own count where the server reports no usage', () => {
    const unknown = { promptTokens: null, completionTokens: null, cachedTokens: null, reasoningTokens: null };
    expect(lastRequestOf(request, exact(321), { usage: unknown, characters: 30 })).toMatchObject({
      promptTokens: 321,
      completionTokens: 10,
    });
  });
});
