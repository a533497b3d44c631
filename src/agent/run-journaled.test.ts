import { expect, test } from 'vitest';
import { agentContext } from '../../test/doubles/agent-context.js';
import { journalEntrySchema } from '../record/journal-entry.js';
import { noTotals, type Agent, type AgentOutcome } from './agent.js';
import { noModel } from './journal-entries.js';
import { runJournaled } from './run-journaled.js';

const agent: Agent = { name: 'nop', version: '1', run: () => Promise.reject(new Error('not called')) };
const task = { name: 'greet', instruction: 'x' };
const finished: AgentOutcome = { ending: 'finished', detail: 'done', error: null, totals: noTotals };

test('the journal begins before the agent acts and ends with what came of it', async () => {
  using context = agentContext({ task });
  const outcome = await runJournaled({ agent, context, opening: noModel }, async () => {
    expect(context.entries.map(({ kind }) => kind)).toEqual(['start']);
    return finished;
  });
  expect(outcome).toBe(finished);
  expect(context.entries).toMatchObject([
    { kind: 'start', trial: 'greet__1', task: 'greet', attempt: 1, model: null, model_kind: 'none' },
    { kind: 'end', ending: 'finished' },
  ]);
  for (const entry of context.entries) journalEntrySchema.parse(entry);
});

test('a failure that is no ending leaves a journal without an end, as a killed process does', async () => {
  using context = agentContext({ task });
  const full = new Error('disk full');
  const run = runJournaled({ agent, context, opening: noModel }, () => Promise.reject(full));
  await expect(run).rejects.toBe(full);
  expect(context.entries.map(({ kind }) => kind)).toEqual(['start']);
});
