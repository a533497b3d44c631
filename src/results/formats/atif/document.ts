import { parseJson, tableOf, type JsonTable } from '../../../base/json-value.js';
import { atifVersion, type Trajectory, type TrajectoryStep } from './trajectory-schema.js';

/** A step before it is numbered. */
export type WrittenStep = Omit<TrajectoryStep, 'step_id'>;

/** A call as a model wrote it: its arguments are JSON text, or what was read of them. */
export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: unknown;
}

/** The one place where a document of the format is put together: version, numbers of the steps, their count. */
export function trajectoryOf(
  head: Pick<Trajectory, 'session_id' | 'agent' | 'notes' | 'extra'>,
  steps: readonly WrittenStep[],
  metrics: Omit<Trajectory['final_metrics'], 'total_steps'>,
): Trajectory {
  const { session_id, agent, ...rest } = head;
  return {
    schema_version: atifVersion,
    session_id,
    agent,
    steps: steps.map((step, index) => ({ step_id: index + 1, ...step })),
    final_metrics: { ...metrics, total_steps: steps.length },
    ...rest,
  };
}

/** An agent's step: what it said and called. Arguments that are no object, which the format needs, stand in `extra`. */
export function agentStep(
  said: Pick<WrittenStep, 'timestamp' | 'model_name' | 'metrics'> & {
    readonly message: string;
    readonly thought: string | null;
    readonly calls: readonly WrittenCall[];
    readonly results: readonly { readonly source_call_id?: string; readonly content: string }[];
  },
  extra: Readonly<Record<string, unknown>> = {},
): WrittenStep {
  const { message, thought, calls, results, ...known } = said;
  const odd = calls.filter((call) => argumentsObject(call) === null);
  const noted = {
    ...extra,
    ...(odd.length === 0
      ? {}
      : { raw_arguments: odd.map((call) => ({ id: call.id, arguments: call.arguments })) }),
  };
  return {
    source: 'agent',
    message,
    ...known,
    ...(thought === null ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(renderCall) }),
    ...(results.length === 0 ? {} : { observation: { results: [...results] } }),
    ...(Object.keys(noted).length === 0 ? {} : { extra: noted }),
  };
}

function renderCall(call: WrittenCall): NonNullable<WrittenStep['tool_calls']>[number] {
  return { tool_call_id: call.id, function_name: call.name, arguments: { ...argumentsObject(call) } };
}

function argumentsObject({ arguments: written }: WrittenCall): JsonTable | null {
  return tableOf(typeof written === 'string' ? parseJson(written) : written);
}
