import { noTotals, type Agent } from './agent.js';
import { ended } from './ending.js';
import { noModel } from './journal-entries.js';
import { runJournaled } from './run-journaled.js';

/** Does nothing: proves that a task's tests fail on the untouched environment. */
export function createNop(version: string): Agent {
  const agent: Agent = {
    name: 'nop',
    version,
    run: (context) =>
      runJournaled({ agent, context, opening: noModel }, () =>
        Promise.resolve({ ...ended('finished'), totals: noTotals }),
      ),
  };
  return agent;
}
