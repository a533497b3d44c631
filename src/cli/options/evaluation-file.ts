import { stringify } from 'yaml';
import { z } from 'zod';
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { readBoundedYaml, yamlProblem } from '../../base/bounded-yaml.js';
import { describeError, InputError } from '../../base/errors.js';
import { readNamedText } from '../../base/foreign-file.js';
import { nearestName } from '../../base/nearest-name.js';
import { agentKinds, runChoices } from '../../record/run-spec.js';
import { pointsPattern } from './gate-options.js';

const text = z.string().min(1);
const list = z.union([text, z.array(text).min(1)]);
const count = z.number().int().positive();
const countOrZero = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
/** As the command line takes it: a fraction of 1, or `2pp`, `2%`. */
const points = z.union([share, z.string().regex(pointsPattern)]);
const factor = z.number().positive();

/** A whole evaluation as a file: the long options of `tbench run`, without their dashes. Lists where options may be repeated. */
const evaluationSchema = z.strictObject({
  model: list.optional(),
  agent: z.enum(agentKinds).optional(),
  harness: text.optional(),
  'base-url': list.optional(),
  'model-concurrency': z.union([z.literal('auto'), count]).optional(),
  'outage-limit': factor.optional(),
  record: z.boolean().optional(),
  dataset: list.optional(),
  tasks: list.optional(),
  exclude: list.optional(),
  limit: count.optional(),
  attempts: count.optional(),
  results: text.optional(),
  job: text.optional(),
  concurrency: z.union([z.literal('auto'), count]).optional(),
  queue: text.optional(),
  shard: z
    .string()
    .regex(/^\d+\/\d+$/)
    .optional(),
  retries: countOrZero.optional(),
  'fail-fast': z.boolean().optional(),
  'timeout-multiplier': factor.optional(),
  clock: z.enum(runChoices.clock).optional(),
  'until-decided': z.boolean().optional(),
  baseline: text.optional(),
  'max-drop': points.optional(),
  alpha: points.optional(),
  'find-drop': points.optional(),
  miss: points.optional(),
  engine: text.optional(),
  pull: z.enum(runChoices.pull).optional(),
  'force-build': z.boolean().optional(),
  'keep-sandboxes': z.boolean().optional(),
  'keep-final': z.boolean().optional(),
  'block-private': z.boolean().optional(),
  'pass-env': list.optional(),
  'env-file': list.optional(),
  'verifier-retries': countOrZero.optional(),
  'negative-control': z.enum(runChoices.negativeControl).optional(),
  'isolated-verify': z.enum(runChoices.isolated).optional(),
  'reward-file': z.enum(runChoices.rewardPrecedence).optional(),
});

/** The schema as others read it: docs/evaluation.schema.json. */
export function evaluationJsonSchema(): unknown {
  return z.toJSONSchema(evaluationSchema);
}

const maxFileBytes = 2 ** 20;

/** Sets what the file says and the command line does not. Throws InputError, naming file and key. */
export async function readEvaluationFile(command: CommandUnknownOpts, file: string): Promise<void> {
  const content = await readNamedText(file, maxFileBytes).catch((error: unknown) => {
    throw new InputError(`--config ${file}: ${describeError(error)}`);
  });
  for (const [name, value] of Object.entries(parseEvaluation(file, content))) {
    const option = command.options.find(({ long }) => long === `--${name}`);
    if (option === undefined) throw new Error(`the option --${name} is missing`);
    const key = option.attributeName();
    if (command.getOptionValueSource(key) === 'cli') continue;
    const repeats = evaluationSchema.shape[name as keyof typeof evaluationSchema.shape].unwrap() === list;
    const read = repeats ? [value].flat() : readValue(file, option, value);
    command.setOptionValueWithSource(key, read, 'config');
  }
}

/** A text is read as on the command line. */
function readValue(file: string, { long, parseArg }: Option, value: unknown): unknown {
  try {
    return typeof value === 'string' && parseArg !== undefined ? parseArg<unknown>(value, undefined) : value;
  } catch (error) {
    throw new InputError(`--config ${file}: ${(long ?? '').slice(2)}: ${describeError(error)}`);
  }
}

function parseEvaluation(file: string, content: string): z.infer<typeof evaluationSchema> {
  const reading = readBoundedYaml(content);
  if (reading.kind === 'problem') throw new InputError(`--config ${file}: not YAML: ${yamlProblem(reading)}`);
  const parsed = evaluationSchema.safeParse(reading.value ?? {});
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [],
  );
  const near = unknown.flatMap((key) => {
    const name = nearestName(key, Object.keys(evaluationSchema.shape));
    return name === null ? [] : [`${key}: did you mean ${name}?`];
  });
  throw new InputError(`--config ${file}: ${z.prettifyError(parsed.error)}`, {
    hint:
      near.length > 0
        ? near.join('; ')
        : 'Its keys are the long options of `tbench run`; docs/evaluation.schema.json lists them.',
  });
}

/** The options in force as a file that `--config` reads. */
export function printEvaluation(command: CommandUnknownOpts): string {
  const entries = Object.keys(evaluationSchema.shape).flatMap((name) => {
    const option = command.options.find(({ long }) => long === `--${name}`);
    const value: unknown = option === undefined ? undefined : command.getOptionValue(option.attributeName());
    return value === undefined ? [] : [[name, value] as const];
  });
  return stringify(Object.fromEntries(entries));
}
