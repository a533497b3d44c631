import { InputError } from '../base/errors.js';
import type { AgentKind } from '../record/run-spec.js';
import type { ModelService } from '../model/chat-model.js';
import type { Agent } from './agent.js';
import type { Harness } from './harness/harness.js';
import { createModelAgent } from './loop/model-agent.js';
import { createNop } from './nop.js';
import { createOracle } from './oracle.js';

export interface AgentDeps {
  /** tbench's version, recorded as the agent's. */
  readonly version: string;
  /** Needed by `model` only. */
  readonly harness: Harness | null;
  /** Needed by `model` only. */
  readonly models: ModelService | null;
  /** Host variables that a reference solution's `${NAME}` values may refer to. */
  readonly hostEnv: Readonly<Record<string, string>>;
}

/** The agent of a job; the same one acts in all its trials. Throws `InputError` for a model agent without a model. */
export function createAgent(kind: AgentKind, { version, harness, models, hostEnv }: AgentDeps): Agent {
  switch (kind) {
    case 'oracle':
      return createOracle({ version, hostEnv });
    case 'nop':
      return createNop(version);
    case 'model':
      if (harness === null || models === null)
        throw new InputError('the model agent needs a model and a harness', {
          hint: 'Name a model with --model.',
        });
      return createModelAgent({ harness, models, version });
  }
}
