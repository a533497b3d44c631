import { InputError } from '../../base/errors.js';
import type { Sampling } from '../../model/chat-model.js';
import type { ActionRules, Harness, Limits } from './harness.js';
import { hostNames } from './host-names.js';
import type { HarnessSource } from './harness-source.js';
import { inertKeys, miniSweAgentSchema, type MiniSweAgentFile } from './mini-swe-agent-schema.js';
import { parseStrictly } from './parse-strictly.js';

/** The pattern of text mode where a file gives none. */
const defaultActionPattern = '```mswea_bash_command\\s*\\n(.*?)\\n```';

/** Code points kept at each end of an output that is not kept whole; their templates show 5,000. */
const keptChars = 50_000;

export function isMiniSweAgentFile(value: Readonly<Record<string, unknown>>): boolean {
  return ['agent', 'model', 'environment'].some((section) => section in value);
}

/**
 * The harness of a mini-swe-agent file. `base` is our mini-swe-agent.yaml: it gives the token budget, which
 * such files have none of, and the prompts of an overlay file that brings none.
 */
export function miniSweAgentHarness(source: HarnessSource, base: Harness): Harness {
  const file = parseStrictly(miniSweAgentSchema, source.value, source.path);
  const { sampling, turnTokens, notes } = samplingOf(file);
  const observation = file.model.observation_template;
  return {
    ...base,
    name: source.stem,
    digest: source.digest,
    notes: [...notesOf(source, file), ...notes],
    prompts: {
      engine: 'jinja',
      ...promptsOf(file, base),
      stripTask: false,
      variables: { ...file.agent, ...file.environment, ...hostNames(), ...file.model },
    },
    sampling,
    budget: { ...base.budget, turnTokens: turnTokens ?? base.budget.turnTokens },
    limits: limitsOf(file),
    actions: { ...base.actions, source: actionSource(source, file), run: 'all', truncated: 'reject' },
    observation: observation === undefined ? base.observation : { engine: 'jinja', template: observation },
    outputLimits: { head: keptChars, tail: keptChars },
    shell: { env: file.environment.env, state: 'fresh' },
  };
}

function promptsOf(
  { agent, model }: MiniSweAgentFile,
  { prompts }: Harness,
): Pick<Harness['prompts'], 'system' | 'instance' | 'formatError'> {
  const overlay = agent.system_template === undefined && agent.instance_template === undefined;
  return {
    system: agent.system_template ?? prompts.system,
    instance: agent.instance_template ?? prompts.instance,
    formatError:
      overlay && model.format_error_template === '{{ error }}'
        ? prompts.formatError
        : model.format_error_template,
  };
}

/** Zero is "no limit" in these files. */
function limitsOf({ agent, environment }: MiniSweAgentFile): Limits {
  const orNull = (value: number): number | null => (value === 0 ? null : value);
  return {
    turns: orNull(agent.step_limit),
    consecutiveFormatErrors: orNull(agent.max_consecutive_format_errors),
    commandTimeoutMs: environment.timeout * 1000,
    wallTimeMs: orNull(agent.wall_time_limit_seconds * 1000),
  };
}

/** Text mode is chosen by the model class; a file that shows its fences in the prompt means it too. */
function actionSource({ path }: HarnessSource, { agent, model }: MiniSweAgentFile): ActionRules['source'] {
  const named = model.action_regex !== undefined || (model.model_class?.includes('textbased') ?? false);
  const shown = /```mswea_bash_command/.test((agent.system_template ?? '') + (agent.instance_template ?? ''));
  if (!named && !shown) return { kind: 'tool' };
  try {
    return { kind: 'text', pattern: new RegExp(model.action_regex ?? defaultActionPattern, 'gs') };
  } catch (error) {
    throw new InputError(`${path}: model.action_regex: ${(error as Error).message}`, { cause: error });
  }
}

function samplingOf({ model }: MiniSweAgentFile): {
  readonly sampling: Sampling;
  readonly turnTokens: number | null;
  readonly notes: readonly string[];
} {
  const { temperature, top_p, seed, max_tokens, ...rest } = model.model_kwargs;
  const extra = Object.fromEntries(Object.entries(rest).filter(([key]) => !clientOptions.has(key)));
  const dropped = Object.keys(rest).filter((key) => clientOptions.has(key));
  const numberOrNone = <K extends string>(key: K, value: unknown): Partial<Record<K, number>> =>
    typeof value === 'number' ? ({ [key]: value } as Record<K, number>) : {};
  return {
    sampling: {
      ...numberOrNone('temperature', temperature),
      ...numberOrNone('topP', top_p),
      ...numberOrNone('seed', seed),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    },
    turnTokens: typeof max_tokens === 'number' ? max_tokens : null,
    notes:
      dropped.length === 0
        ? []
        : [`no effect here: ${dropped.map((key) => `model.model_kwargs.${key}`).join(', ')}`],
  };
}

/** Arguments of the client library rather than of the request. */
const clientOptions: ReadonlySet<string> = new Set([
  'drop_params',
  'api_base',
  'base_url',
  'api_key',
  'api_version',
  'custom_llm_provider',
  'num_retries',
  'timeout',
  'extra_headers',
]);

function notesOf(source: HarnessSource, { agent }: MiniSweAgentFile): string[] {
  const inert = inertKeys(source.value);
  return [
    ...(agent.system_template === undefined && agent.instance_template === undefined
      ? ['the file brings no prompts: those of mini-swe-agent.yaml are used']
      : []),
    ...(agent.cost_limit === 0
      ? []
      : [`agent.cost_limit ${agent.cost_limit} is ignored: a served model has no price`]),
    ...(inert.length === 0 ? [] : [`no effect here: ${inert.join(', ')}`]),
  ];
}
