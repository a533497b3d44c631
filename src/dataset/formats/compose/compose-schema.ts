import { tableSchema } from '../../../base/table-schema.js';
import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const words = z.union([z.string(), z.array(text), z.null()]);
/** `KEY: value` or `- KEY=value`; a key without a value is taken from the variables. */
const pairs = z.union([z.array(text), tableSchema(text.nullable())]);
const oneOrMany = z.union([text.transform((one) => [one]), z.array(text)]);
const file = z.union([
  z.string(),
  z.strictObject({
    source: z.string(),
    target: z.string().optional(),
    uid: text.optional(),
    gid: text.optional(),
    mode: z.union([z.number(), z.string()]).optional(),
  }),
]);

const dependency = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
  required: z.boolean().default(true),
  restart: z.boolean().optional(),
});

const healthcheck = z.strictObject({
  test: z.union([z.string(), z.array(text)]).optional(),
  interval: text.optional(),
  timeout: text.optional(),
  retries: z.coerce.number().int().positive().optional(),
  start_period: text.optional(),
  start_interval: text.optional(),
  disable: z.boolean().optional(),
});

const volume = z.union([
  z.string(),
  z.looseObject({
    type: z.enum(['volume', 'bind', 'tmpfs']),
    source: z.string().optional(),
    target: z.string(),
    read_only: z.boolean().optional(),
    tmpfs: z.looseObject({ size: text.optional(), mode: z.number().optional() }).optional(),
  }),
]);

const limits = z.strictObject({
  cpus: text.optional(),
  memory: text.optional(),
  pids: z.number().optional(),
});

/** `build` of a service: a folder, or what to build of it. */
export const buildShape = z.union([
  z.string(),
  z.looseObject({
    context: z.string().optional(),
    dockerfile: z.string().optional(),
    target: z.string().optional(),
    args: pairs.optional(),
  }),
]);

/** Everything of a service that is done as it says. A key that is not here is a reason to refuse the task. */
export const serviceShape = {
  image: z.string().optional(),
  build: buildShape.optional(),
  command: words.optional(),
  entrypoint: words.optional(),
  environment: pairs.nullish(),
  env_file: z
    .union([
      oneOrMany,
      z.array(
        z.union([z.string(), z.strictObject({ path: z.string(), required: z.boolean().default(true) })]),
      ),
    ])
    .optional(),
  working_dir: z.string().optional(),
  user: text.optional(),
  hostname: z.string().optional(),
  volumes: z.array(volume).nullish(),
  networks: z
    .union([
      z.array(z.string()),
      z.record(z.string(), z.strictObject({ aliases: z.array(z.string()).optional() }).nullable()),
    ])
    .nullish(),
  network_mode: z.string().optional(),
  depends_on: z.union([z.array(z.string()), tableSchema(dependency)]).optional(),
  healthcheck: healthcheck.optional(),
  extra_hosts: z.union([z.array(z.string()), tableSchema(text)]).optional(),
  cap_add: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  tmpfs: oneOrMany.optional(),
  shm_size: text.optional(),
  ulimits: z
    .record(z.string(), z.union([z.number(), z.strictObject({ soft: z.number(), hard: z.number() })]))
    .optional(),
  sysctls: pairs.optional(),
  init: z.boolean().optional(),
  stop_signal: z.string().optional(),
  secrets: z.array(file).optional(),
  configs: z.array(file).optional(),
  profiles: z.array(z.string()).optional(),
  restart: text.optional(),
  cpus: text.optional(),
  mem_limit: text.optional(),
  pids_limit: z.coerce.number().optional(),
  deploy: z
    .looseObject({
      replicas: z.literal(1).optional(),
      resources: z.looseObject({ limits: limits.optional() }).optional(),
    })
    .optional(),
  container_name: z.string().optional(),
  // These make no difference to a trial: nothing is published, terminals and labels are nobody's, logs are ours.
  ports: z.unknown().optional(),
  expose: z.unknown().optional(),
  labels: z.unknown().optional(),
  annotations: z.unknown().optional(),
  tty: z.unknown().optional(),
  stdin_open: z.unknown().optional(),
  logging: z.unknown().optional(),
  stop_grace_period: z.unknown().optional(),
  pull_policy: z.unknown().optional(),
  platform: z.string().optional(),
  attach: z.unknown().optional(),
} as const;

const fileSource = z.looseObject({ file: z.string().optional() });

export const composeSchema = z.looseObject({
  services: tableSchema(
    z.looseObject(serviceShape),
    z.string().regex(/^[A-Za-z0-9._-]+$/, 'a service name has letters, digits, ".", "_" and "-"'),
  ),
  volumes: tableSchema(z.looseObject({ external: z.unknown().optional() }).nullable()).nullish(),
  networks: tableSchema(
    z.looseObject({ internal: z.boolean().optional(), external: z.unknown().optional() }).nullable(),
  ).nullish(),
  secrets: tableSchema(fileSource).nullish(),
  configs: tableSchema(fileSource).nullish(),
});

export type ComposeFile = z.infer<typeof composeSchema>;
export type ServiceYaml = ComposeFile['services'][string];
