import { readFile } from 'node:fs/promises';
import type { ServiceSpec } from '../../../record/service-spec.js';
import type { ServiceYaml } from './compose-schema.js';
import type { Bind } from './read-mounts.js';

type Dns = ServiceSpec['dns'];

/** Files that an engine makes for each container: what is put in their place never shows. */
const ofEngine = ['/etc/resolv.conf', '/etc/hosts', '/etc/hostname'];
const resolvConf = '/etc/resolv.conf';

/** Why a bind cannot be done that would take the place of a file of the engine; null where it can. */
export function engineFileRefusal(target: string): string | null {
  return ofEngine.includes(target) && target !== resolvConf
    ? `${target} is the engine's: use extra_hosts or hostname`
    : null;
}

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
