import { tableSchema } from '../../../base/table-schema.js';
import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** A variable's value is a text, whatever its key takes. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/, 'a number is needed here')
    .transform(Number),
]);
const words = z.union([z.string(), z.array(text)]);
/** `KEY: value` or `- KEY=value`; a key without a value is taken from the variables. */
const pairs = z.union([z.array(text), tableSchema(text.nullable())]);
const oneOrMany = z.union([text.transform((one) => [one]), z.array(text)]);
/** As a number what it is (0440 is read as octal), as a text octal digits. */
const mode = z
  .union([z.number(), z.string().regex(/^[0-7]+$/, 'a mode is octal digits')])
  .transform((bits) => (typeof bits === 'number' ? bits : Number.parseInt(bits, 8)));
const fileShape = {
  source: z.string(),
  target: z.string().optional(),
  uid: number.pipe(z.int().nonnegative()).optional(),
  gid: number.pipe(z.int().nonnegative()).optional(),
  mode: mode.optional(),
};
const file = z.union([z.string(), z.looseObject(fileShape)]);

const dependencyShape = {
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
  required: flag.default(true),
  restart: flag.optional(),
};

const healthcheckShape = {
  test: z.union([z.string(), z.array(text)]).optional(),
  interval: text.optional(),
  timeout: text.optional(),
  retries: number.pipe(z.int().positive()).optional(),
  start_period: text.optional(),
  start_interval: text.optional(),
  disable: flag.optional(),
};

const tmpfsShape = { size: text.optional(), mode: mode.optional() };
const bindShape = { create_host_path: flag.optional(), selinux: z.string().optional() };
const volumeShape = {
  type: z.enum(['volume', 'bind', 'tmpfs']),
  source: z.string().optional(),
  target: z.string(),
  read_only: flag.optional(),
  consistency: z.unknown().optional(),
  tmpfs: z.looseObject(tmpfsShape).optional(),
  bind: z.looseObject(bindShape).optional(),
};
const volume = z.union([z.string(), z.looseObject(volumeShape)]);

const limitsShape = {
  cpus: text.optional(),
  memory: text.optional(),
  pids: number.optional(),
};
const resourcesShape = {
  limits: z.looseObject(limitsShape).optional(),
  /** What is reserved is no limit: devices apart it makes no difference. */
  reservations: z.unknown().optional(),
};
const restartPolicyShape = {
  condition: z.enum(['none', 'on-failure', 'any']).optional(),
  max_attempts: number.pipe(z.int().positive()).optional(),
};
const deployShape = {
  replicas: number.pipe(z.literal(1)).optional(),
  resources: z.looseObject(resourcesShape).optional(),
  restart_policy: z.looseObject(restartPolicyShape).optional(),
};
const networkShape = { aliases: z.array(z.string()).optional(), ipv4_address: z.ipv4().optional() };
const ipamConfigShape = { subnet: z.string().optional(), gateway: z.ipv4().optional() };
const ipamShape = {
  driver: z.literal('default').optional(),
  config: z.array(z.looseObject(ipamConfigShape)).optional(),
};
const envFileShape = { path: z.string(), required: flag.default(true) };
const ulimitShape = { soft: number, hard: number };
const buildKeys = {
  context: z.string().optional(),
  dockerfile: z.string().optional(),
  target: z.string().optional(),
  args: pairs.optional(),
};

/** `build` of a service: a folder, or what to build of it. */
export const buildShape = z.union([z.string(), z.looseObject(buildKeys)]);

/** The keys that are done of each table inside a service. */
export const innerKeys = {
  build: buildKeys,
  healthcheck: healthcheckShape,
  deploy: deployShape,
  resources: resourcesShape,
  limits: limitsShape,
  restartPolicy: restartPolicyShape,
  dependency: dependencyShape,
  network: networkShape,
  ipam: ipamShape,
  ipamConfig: ipamConfigShape,
  envFile: envFileShape,
  ulimit: ulimitShape,
  volume: volumeShape,
  tmpfs: tmpfsShape,
  bind: bindShape,
  file: fileShape,
} as const;

/** Everything of a service that is done as it says. A key that is not here is a reason to refuse the task. */
export const serviceShape = {
  image: z.string().optional(),
  build: buildShape.optional(),
  command: words.optional(),
  entrypoint: words.optional(),
  environment: pairs.optional(),
  env_file: z.union([oneOrMany, z.array(z.union([z.string(), z.looseObject(envFileShape)]))]).optional(),
  working_dir: z.string().optional(),
  user: text.optional(),
  hostname: z.string().optional(),
  volumes: z.array(volume).optional(),
  networks: z.union([z.array(z.string()), tableSchema(z.looseObject(networkShape).nullable())]).optional(),
  network_mode: z.string().optional(),
  depends_on: z.union([z.array(z.string()), tableSchema(z.looseObject(dependencyShape))]).optional(),
  healthcheck: z.looseObject(healthcheckShape).optional(),
  extra_hosts: z.union([z.array(z.string()), tableSchema(text)]).optional(),
  dns: oneOrMany.optional(),
  dns_search: oneOrMany.optional(),
  dns_opt: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(text).optional(),
  read_only: flag.optional(),
  tmpfs: oneOrMany.optional(),
  shm_size: text.optional(),
  ulimits: tableSchema(z.union([number, z.looseObject(ulimitShape)])).optional(),
  sysctls: pairs.optional(),
  init: flag.optional(),
  stop_signal: z.string().optional(),
  secrets: z.array(file).optional(),
  configs: z.array(file).optional(),
  profiles: z.array(z.string()).optional(),
  restart: text.optional(),
  cpus: text.optional(),
  mem_limit: text.optional(),
  pids_limit: number.optional(),
  deploy: z.looseObject(deployShape).optional(),
  container_name: z.string().optional(),
  tty: flag.optional(),
  stdin_open: flag.optional(),
  stop_grace_period: text.optional(),
  platform: z.string().optional(),
  // These make no difference to a trial: nothing is published, labels are nobody's, logs are ours.
  ports: z.unknown().optional(),
  expose: z.unknown().optional(),
  labels: z.unknown().optional(),
  annotations: z.unknown().optional(),
  logging: z.unknown().optional(),
  pull_policy: z.unknown().optional(),
  attach: z.unknown().optional(),
} as const;

const fileSource = z.looseObject({ file: z.string().optional() });

/** A key with nothing behind it is one that is not there. */
const service = z.preprocess((table) => withoutNulls(table ?? {}), z.looseObject(serviceShape));

function withoutNulls(table: unknown): unknown {
  return typeof table !== 'object' || table === null || Array.isArray(table)
    ? table
    : Object.fromEntries(Object.entries(table).filter(([, value]) => value !== null));
}

export const composeSchema = z.looseObject({
  services: tableSchema(
    service,
    z.string().regex(/^[A-Za-z0-9._-]+$/, 'a service name has letters, digits, ".", "_" and "-"'),
  ),
  volumes: tableSchema(
    z.looseObject({ external: z.unknown().optional(), driver: z.string().optional() }).nullable(),
  ).nullish(),
  networks: tableSchema(
    z
      .looseObject({
        internal: flag.optional(),
        external: z.unknown().optional(),
        driver: z.string().optional(),
        ipam: z.looseObject(ipamShape).nullish(),
      })
      .nullable(),
  ).nullish(),
  secrets: tableSchema(fileSource).nullish(),
  configs: tableSchema(fileSource).nullish(),
});

export type ComposeFile = z.infer<typeof composeSchema>;
export type ServiceYaml = ComposeFile['services'][string];
