import { z } from 'zod';
import { defaultTruncation, outputLimitsOf } from './default-output.js';
import { hostNames } from './host-names.js';
import { formatErrorReasons, type FormatErrorReason, type Harness } from './harness.js';

const tokenCount = z.number().int().positive();
const limit = z.number().int().positive().nullable();

const literalObservation = z.strictObject({
  engine: z.literal('literal'),
  template: z.string().default('{{output}}\n\n(exit_code={{exit_code}})'),
  empty: z.string().default('(no output)'),
  max_chars: z.number().int().positive().default(defaultTruncation.maxChars),
  head_chars: z.number().int().nonnegative().default(defaultTruncation.headChars),
  tail_chars: z.number().int().nonnegative().default(defaultTruncation.tailChars),
  keep_whole: z.enum(['at-most', 'below']).default('at-most'),
  hint: z.string(),
  truncated_template: z.string(),
});

const jinjaObservation = z.strictObject({
  engine: z.literal('jinja'),
  template: z.string(),
  /** Code points kept at each end of an output too long to keep whole. */
  keep_chars: z.number().int().positive().default(50_000),
});

const texts = z.strictObject({
  no_call: z.string().optional(),
  wrong_tool: z.string().optional(),
  bad_json: z.string().optional(),
  not_an_object: z.string().optional(),
  missing_command: z.string().optional(),
  truncated: z.string().optional(),
  action_count: z.string().optional(),
  /** Said for every reason without a text of its own. */
  any: z.string(),
});

/** A harness file of ours, key by key; docs/harness.md explains each. */
export const harnessFileSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dot, dash and underscore only'),
  description: z.string().optional(),
  prompts: z.strictObject({
    engine: z.enum(['literal', 'jinja']),
    system: z.string(),
    instance: z.string(),
    format_error: z.string(),
    strip_task: z.boolean().default(true),
  }),
  tool: z.strictObject({
    name: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
  sampling: z.strictObject({
    temperature: z.number().nonnegative().optional(),
    top_p: z.number().positive().max(1).optional(),
    seed: z.number().int().optional(),
    extra: z.record(z.string(), z.unknown()).optional(),
  }),
  budget: z.strictObject({
    turn_tokens: tokenCount,
    total_tokens: tokenCount,
    when_tight: z.enum(['stop', 'clamp']),
  }),
  limits: z.strictObject({
    turns: limit,
    consecutive_format_errors: limit,
    command_timeout_seconds: z.number().positive(),
    wall_time_seconds: z.number().positive().nullable().default(null),
  }),
  actions: z.strictObject({
    tool_calls: z.enum(['strict', 'recover']),
    run: z.enum(['first', 'all']),
    truncated: z.enum(['execute', 'reject']).default('reject'),
    missing_command: z.enum(['run-empty', 'reject']).default('reject'),
    no_call: z.enum(['format-error', 'submit']).default('format-error'),
    passed_over_text: z.string().nullable().default(null),
    /** Commands are what this pattern captures in the reply's text, instead of tool calls. */
    text_pattern: z.string().optional(),
  }),
  format_errors: z.strictObject({
    reply: z.enum(['keep', 'drop']),
    role: z.enum(['user', 'tool']),
    texts,
  }),
  submit: z.strictObject({ marker: z.string().min(1), rule: z.enum(['anywhere', 'first-line']) }),
  observation: z.discriminatedUnion('engine', [literalObservation, jinjaObservation]),
  shell: z
    .strictObject({
      env: z.record(z.string(), z.coerce.string()).default({}),
      state: z.enum(['kept', 'fresh']).default('kept'),
    })
    .prefault({}),
  task_extras: z.boolean().default(false),
});
export type HarnessFile = z.infer<typeof harnessFileSchema>;

/** The harness a checked file describes. */
export function harnessOf(file: HarnessFile, digest: string): Harness {
  const { prompts, limits, actions, sampling } = file;
  return {
    name: file.name,
    digest,
    notes: [],
    prompts: {
      engine: prompts.engine,
      system: prompts.system,
      instance: prompts.instance,
      formatError: prompts.format_error,
      stripTask: prompts.strip_task,
      variables: hostNames(),
    },
    tool: file.tool,
    sampling: {
      ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
      ...(sampling.top_p === undefined ? {} : { topP: sampling.top_p }),
      ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
      ...(sampling.extra === undefined ? {} : { extra: sampling.extra }),
    },
    budget: {
      turnTokens: file.budget.turn_tokens,
      totalTokens: file.budget.total_tokens,
      whenTight: file.budget.when_tight,
    },
    limits: {
      turns: limits.turns,
      consecutiveFormatErrors: limits.consecutive_format_errors,
      commandTimeoutMs: limits.command_timeout_seconds * 1000,
      wallTimeMs: limits.wall_time_seconds === null ? null : limits.wall_time_seconds * 1000,
    },
    actions: {
      source:
        actions.text_pattern === undefined
          ? { kind: 'tool' }
          : { kind: 'text', pattern: new RegExp(actions.text_pattern, 'gs') },
      toolCalls: actions.tool_calls,
      run: actions.run,
      truncated: actions.truncated,
      missingCommand: actions.missing_command,
      noCall: actions.no_call,
      passedOverText: actions.passed_over_text,
    },
    formatErrors: {
      reply: file.format_errors.reply,
      role: file.format_errors.role,
      texts: reasonTexts(file.format_errors.texts),
    },
    submit: file.submit,
    ...observationOf(file.observation),
    shell: file.shell,
    taskExtras: file.task_extras,
  };
}

function reasonTexts(given: z.infer<typeof texts>): Record<FormatErrorReason, string> {
  const textOf = (reason: FormatErrorReason): string =>
    given[reason.replaceAll('-', '_') as keyof typeof given] ?? given.any;
  return Object.fromEntries(formatErrorReasons.map((reason) => [reason, textOf(reason)])) as Record<
    FormatErrorReason,
    string
  >;
}

function observationOf(file: HarnessFile['observation']): Pick<Harness, 'observation' | 'outputLimits'> {
  if (file.engine === 'jinja')
    return {
      observation: { engine: 'jinja', template: file.template },
      outputLimits: { head: file.keep_chars, tail: file.keep_chars },
    };
  const truncation = {
    maxChars: file.max_chars,
    headChars: file.head_chars,
    tailChars: file.tail_chars,
    keepWhole: file.keep_whole,
    hint: file.hint,
    template: file.truncated_template,
  };
  return {
    observation: { engine: 'literal', template: file.template, empty: file.empty, truncation },
    outputLimits: outputLimitsOf(truncation),
  };
}
