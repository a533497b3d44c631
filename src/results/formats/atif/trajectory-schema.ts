import { z } from 'zod';

/** Version written; files of 1.0 to 1.8 are read. */
export const atifVersion = 'ATIF-v1.8';

const extra = z.record(z.string(), z.unknown()).optional();

const toolCall = z.strictObject({
  tool_call_id: z.string(),
  function_name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});

const metrics = z.strictObject({
  prompt_tokens: z.number().int().optional(),
  completion_tokens: z.number().int().optional(),
  cached_tokens: z.number().int().optional(),
  cost_usd: z.number().optional(),
  extra,
});

const observation = z.strictObject({
  results: z.array(z.strictObject({ source_call_id: z.string().optional(), content: z.string().optional() })),
});

const step = z
  .strictObject({
    step_id: z.number().int().positive(),
    timestamp: z.iso.datetime().optional(),
    source: z.enum(['system', 'user', 'agent']),
    message: z.string(),
    model_name: z.string().optional(),
    reasoning_content: z.string().optional(),
    tool_calls: z.array(toolCall).optional(),
    observation: observation.optional(),
    metrics: metrics.optional(),
    extra,
  })
  .superRefine((value, context) => {
    const agentOnly = ['model_name', 'reasoning_content', 'tool_calls', 'metrics'] as const;
    for (const key of agentOnly)
      if (value.source !== 'agent' && value[key] !== undefined)
        context.addIssue({ code: 'custom', message: `${key} belongs to agent steps`, path: [key] });
    const ids = new Set(value.tool_calls?.map((call) => call.tool_call_id));
    for (const { source_call_id } of value.observation?.results ?? [])
      if (source_call_id !== undefined && !ids.has(source_call_id))
        context.addIssue({ code: 'custom', message: `no call ${source_call_id} in this step` });
  });

/** An ATIF trajectory (Harbor's RFC 0001) as tbench writes it; nothing in it is older than 1.5 or newer than 1.8. */
export const trajectorySchema = z.strictObject({
  schema_version: z.literal(atifVersion),
  session_id: z.string(),
  agent: z.strictObject({
    name: z.string(),
    version: z.string(),
    model_name: z.string().optional(),
    tool_definitions: z.array(z.record(z.string(), z.unknown())).optional(),
    extra,
  }),
  steps: z
    .array(step)
    .min(1)
    .refine(
      (steps) => steps.every(({ step_id }, index) => step_id === index + 1),
      'step ids are 1, 2, 3 ...',
    ),
  notes: z.string().optional(),
  final_metrics: z.strictObject({
    total_prompt_tokens: z.number().int().optional(),
    total_completion_tokens: z.number().int().optional(),
    total_cached_tokens: z.number().int().optional(),
    total_steps: z.number().int(),
    extra,
  }),
  extra,
});
export type Trajectory = z.infer<typeof trajectorySchema>;
export type TrajectoryStep = Trajectory['steps'][number];
