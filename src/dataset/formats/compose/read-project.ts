import { TaskError } from '../../../base/errors.js';
import type { ComposeProject, ComposeService, ComposeSource } from '../../compose.js';
import { checkShape } from '../check-shape.js';
import { parseYaml } from '../parse-yaml.js';
import { composeSchema, type ComposeFile, type ServiceYaml } from './compose-schema.js';
import { interpolateTree, MissingVariable, type Filling, type Variables } from './interpolate.js';
import { checkAddresses, readRange } from './network-range.js';
import { placeBinds } from './place-binds.js';
import { serviceRefusals, topRefusals } from './refuse-compose.js';
import { defaultNetwork, readService } from './read-service.js';

/** A compose file's project, and what of it is not done: a task with any of these is refused. */
export interface ProjectReading {
  readonly project: ComposeProject;
  readonly refusals: readonly string[];
}

/**
 * Reads a compose file under the Compose specification. With `demands` none, a variable that the file cannot do without is empty
 * where it is not there: whoever reads a dataset does not know yet what is passed. Throws TaskError for what cannot be read at all.
 */
export async function readProject(
  source: ComposeSource,
  variables: Variables,
  demands: 'all' | 'none' = 'all',
): Promise<ProjectReading> {
  const { file } = source;
  const tree = interpolated(file, parseYaml(file, source.text), { variables, demands });
  const yaml = checkShape(file, composeSchema, tree);
  // Harbor's own files define main: a task's need not.
  const active = Object.entries<ServiceYaml>({ main: {}, ...yaml.services }).filter(
    ([name, { profiles }]) => name === 'main' || profiles === undefined || profiles.length === 0,
  );
  const refusals = [
    ...topRefusals(yaml),
    ...active.flatMap(([name, service]) => serviceRefusals(name, service, source)),
  ];
  if (refusals.length > 0) return { project: { services: [], networks: [], volumes: [] }, refusals };
  const read = await Promise.all(
    active.map(([name, service]) => readService({ source, yaml, variables }, { name, service })),
  );
  const { services, volumes } = placeBinds(read);
  checkReferences(file, yaml, services);
  const used = new Set(services.flatMap((service) => service.networks.map(({ name }) => name)));
  const networks = [...used].map((name) => ({
    name,
    isInternal: yaml.networks?.[name]?.internal === true,
    range: readRange(yaml.networks?.[name] ?? null),
  }));
  checkAddresses(file, services, networks);
  return {
    refusals: [],
    project: {
      services,
      networks,
      volumes: [...Object.keys(yaml.volumes ?? {}).map((name) => ({ name, source: null })), ...volumes],
    },
  };
}

function interpolated(file: string, tree: unknown, filling: Filling): unknown {
  try {
    return interpolateTree(tree, filling);
  } catch (error) {
    if (error instanceof MissingVariable)
      throw new TaskError(`${file}: ${error.message}`, { hint: 'pass it with --pass-env NAME' });
    throw error;
  }
}

function checkReferences(file: string, yaml: ComposeFile, services: readonly ComposeService[]): void {
  const names = services.map(({ name }) => name);
  for (const { name, dependsOn, networks, mounts } of services) {
    for (const { service, isRequired } of dependsOn)
      if (isRequired && !names.includes(service))
        throw new TaskError(`${file}: services.${name}.depends_on: there is no service ${service}`);
    for (const network of networks)
      if (network.name !== defaultNetwork && !Object.hasOwn(yaml.networks ?? {}, network.name))
        throw new TaskError(`${file}: services.${name}.networks: there is no network ${network.name}`);
    for (const mount of mounts)
      if (
        mount.kind === 'volume' &&
        mount.volume !== null &&
        !mount.volume.startsWith('/') &&
        !Object.hasOwn(yaml.volumes ?? {}, mount.volume)
      )
        throw new TaskError(`${file}: services.${name}.volumes: there is no volume ${mount.volume}`);
  }
}
