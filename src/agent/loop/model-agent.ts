import type { ModelService } from '../../model/chat-model.js';
import { ModelError } from '../../model/model-error.js';
import type { Agent } from '../agent.js';
import { endingOfError, type EndingOutcome } from '../ending.js';
import type { Harness } from '../harness/harness.js';
import { failureEntry } from '../journal-entries.js';
import { runJournaled } from '../run-journaled.js';
import { instructionWithExtras } from '../templates/instruction-with-extras.js';
import { openingMessages } from '../templates/render-prompt.js';
import { templateScope } from '../templates/template-scope.js';
import type { Loop } from './act.js';
import { takeTurn } from './take-turn.js';
import { TrialHistory } from './trial-history.js';

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
    isResumable: true,
    async run(context) {
      const task = harness.taskExtras ? await instructionWithExtras(context) : context.task.instruction;
      const messages = openingMessages(harness, { ...templateScope(context, 0), task });
      const history = new TrialHistory(harness, messages);
      return runJournaled({ agent, context, opening: { model: models, harness, messages } }, async () => ({
        ...(await takeTurns({ harness, models, history, context })),
        totals: history.totals,
      }));
    },
  };
  return agent;
}

async function takeTurns({
  models,
  ...loop
}: Omit<Loop, 'model'> & { readonly models: ModelService }): Promise<EndingOutcome> {
  const { context, history } = loop;
  const { task, attempt, trialName, agentDir, clock } = context;
  try {
    clock.signal.throwIfAborted();
    await using line = await models.openTrial({ task: task.name, attempt, name: trialName, agentDir });
    const model = context.wrapModel?.(line) ?? line;
    for (;;) {
      const ending = await takeTurn({ ...loop, model });
      if (ending !== null) return ending;
    }
  } catch (error) {
    if (error instanceof ModelError) await context.journal.append(failureEntry(history.turn, error));
    return endingOfError(error, clock);
  }
}
