import { readFile } from 'node:fs/promises';
import type { ServiceSpec } from '../../../record/service-spec.js';
import type { ServiceYaml } from './compose-schema.js';
import type { Bind } from './read-mounts.js';

type Dns = ServiceSpec['dns'];

const resolvConf = '/etc/resolv.conf';

/** Who resolves a service's names: what its keys say, or a resolv.conf that it binds, which becomes such keys. */
export async function readDns(
  { dns = [], dns_search: search = [], dns_opt: options = [] }: ServiceYaml,
  binds: readonly Bind[],
): Promise<{ readonly dns: Dns; readonly binds: readonly Bind[] }> {
  const bind = binds.find(({ target, kind }) => target === resolvConf && kind === 'file');
  if (bind === undefined) return { dns: { servers: dns, search, options }, binds };
  const words = (await readFile(bind.source, 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const after = (name: string): string[] => words.flatMap(([word, ...rest]) => (word === name ? rest : []));
  return {
    dns: { servers: after('nameserver'), search: after('search'), options: after('options') },
    binds: binds.filter((one) => one !== bind),
  };
}
