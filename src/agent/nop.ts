import { noTotals, type Agent, type AgentOutcome } from './agent.js';
import { ended } from './ending.js';
import { endEntry, startEntry } from './journal-entries.js';

/** Does nothing: proves that a task's tests fail on the untouched environment. */
export function createNop(version: string): Agent {
  const agent: Agent = {
    name: 'nop',
    version,
    async run(context) {
      await context.journal.append(startEntry(agent, context, { model: null, harness: null, messages: [] }));
      const outcome: AgentOutcome = { ...ended('finished'), totals: noTotals };
      await context.journal.append(endEntry(outcome));
      return outcome;
    },
  };
  return agent;
}
