import type { Agent, AgentContext, AgentOutcome } from './agent.js';
import { endEntry, startEntry, type Opening } from './journal-entries.js';

/** One trial of an agent, with the first and the last line of its journal. */
export async function runJournaled(
  {
    agent,
    context,
    opening,
  }: { readonly agent: Agent; readonly context: AgentContext; readonly opening: Opening },
  act: () => Promise<AgentOutcome>,
): Promise<AgentOutcome> {
  await context.journal.append(startEntry(agent, context, opening));
  const outcome = await act();
  await context.journal.append(endEntry(outcome));
  return outcome;
}
