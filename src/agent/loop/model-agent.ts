import type { ModelService } from '../../model/chat-model.js';
import { ModelError } from '../../model/model-error.js';
import { scopeOf } from './act.js';
import type { Agent, AgentContext, AgentOutcome } from '../agent.js';
import { Conversation } from './conversation.js';
import { endingOfError, type EndingOutcome } from '../ending.js';
import type { Harness } from '../harness/harness.js';
import { endEntry, failureEntry, startEntry } from '../journal-entries.js';
import { openingMessages } from '../templates/render-prompt.js';
import { takeTurn } from './turn.js';

export interface ModelAgentDeps {
  readonly harness: Harness;
  readonly models: ModelService;
  /** tbench's version. */
  readonly version: string;
}

/** The loop: a model that acts through one bash tool, turn by turn, until exactly one thing ends it. */
export function createModelAgent({ harness, models, version }: ModelAgentDeps): Agent {
  const agent: Agent = {
    name: harness.name,
    version,
    async run(context) {
      const opening = openingMessages(harness, scopeOf(context, 0));
      const conversation = new Conversation(harness, opening);
      const messages = [
        { role: 'system' as const, content: opening.system },
        { role: 'user' as const, content: opening.user },
      ];
      await context.journal.append(startEntry(agent, context, { model: models, harness, messages }));
      const ending = await converse({ harness, models, conversation, context });
      const outcome: AgentOutcome = { ...ending, totals: conversation.totals };
      await context.journal.append(endEntry(outcome));
      return outcome;
    },
  };
  return agent;
}

interface Conversing {
  readonly harness: Harness;
  readonly models: ModelService;
  readonly conversation: Conversation;
  readonly context: AgentContext;
}

async function converse({ harness, models, conversation, context }: Conversing): Promise<EndingOutcome> {
  const { task, attempt, trialName, agentDir, clock } = context;
  try {
    clock.signal.throwIfAborted();
    await using model = await models.openTrial({ task: task.name, attempt, name: trialName, agentDir });
    for (;;) {
      const ending = await takeTurn({ harness, model, conversation, context });
      if (ending !== null) return ending;
    }
  } catch (error) {
    if (error instanceof ModelError) await context.journal.append(failureEntry(conversation.turn, error));
    return endingOfError(error, clock);
  }
}
