import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Hosts as far as a network can tell: namespaces with an address of their own on one bridge. Needs root. */
export interface Hosts extends AsyncDisposable {
  /** Of the machine itself, on that bridge. */
  readonly address: string;
  /** What a command is started through to run on a host, counted from 0. */
  through(host: number): readonly string[];
  /** Pulls a host's cable, or plugs it in again. */
  link(host: number, state: 'up' | 'down'): Promise<void>;
}

/** Throws where namespaces may not be made. */
export async function openHosts(count: number): Promise<Hosts> {
  const name = `tbq${process.pid % 10_000}`;
  const net = `10.231.${process.pid % 250}`;
  const ip = (...args: readonly string[]): Promise<unknown> => execute('ip', [...args]);
  const namespaces = Array.from({ length: count }, (_, host) => `${name}-${host}`);
  const close = async (): Promise<void> => {
    for (const namespace of namespaces) await ip('netns', 'delete', namespace).catch(() => undefined);
    await ip('link', 'delete', name).catch(() => undefined);
  };
  try {
    await ip('link', 'add', name, 'type', 'bridge');
    await ip('address', 'add', `${net}.1/24`, 'dev', name);
    await ip('link', 'set', name, 'up');
    for (const [host, namespace] of namespaces.entries()) {
      const [outside, inside] = [`${name}h${host}`, `${name}n${host}`];
      await ip('netns', 'add', namespace);
      await ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace);
      await ip('link', 'set', outside, 'master', name, 'up');
      await ip('-n', namespace, 'address', 'add', `${net}.${host + 11}/24`, 'dev', inside);
      for (const device of [inside, 'lo']) await ip('-n', namespace, 'link', 'set', device, 'up');
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address: `${net}.1`,
    through: (host) => ['ip', 'netns', 'exec', namespaces[host] ?? ''],
    link: async (host, state) => {
      await ip('link', 'set', `${name}h${host}`, state);
    },
    [Symbol.asyncDispose]: close,
  };
}
