import type { HostVariables } from '../../base/host-variables.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { EngineAddress } from './engine-client.js';

/** A place where an engine may listen, and who says so. */
export interface EngineCandidate {
  /** As written: `unix:///run/podman/podman.sock`, `tcp://host:2375`, `ssh://user@host`. */
  readonly url: string;
  /** `--engine`, `CONTAINER_HOST`, ... or what kind of socket it is. */
  readonly origin: string;
  /** Named by the user: if it does not answer that is an error, not a reason to look further. */
  readonly isExplicit: boolean;
}

/** Where to look, in order: what the user named, else the usual sockets of podman and docker. */
export function engineCandidates(options: {
  readonly engine: string | undefined;
  readonly env: HostVariables;
  readonly uid: number;
}): readonly EngineCandidate[] {
  const { engine, env, uid } = options;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['--engine', engine],
    ['CONTAINER_HOST', env['CONTAINER_HOST']],
    ['DOCKER_HOST', env['DOCKER_HOST']],
  ];
  for (const [origin, value] of named) {
    if (value !== undefined && value !== '') return [{ url: asUrl(value), origin, isExplicit: true }];
  }
  const runtimeDir = env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`;
  const usual: readonly (readonly [string, string])[] = [
    ['rootless podman socket', `unix://${join(runtimeDir, 'podman/podman.sock')}`],
    ['rootful podman socket', 'unix:///run/podman/podman.sock'],
    ['docker socket', 'unix:///var/run/docker.sock'],
    ['rootless docker socket', `unix://${join(runtimeDir, 'docker.sock')}`],
  ];
  return usual.map(([origin, url]) => ({ url, origin, isExplicit: false }));
}

/** A bare path is a unix socket. */
function asUrl(value: string): string {
  return value.includes('://') ? value : `unix://${value}`;
}

/** True for a socket of this machine, whose engine can share our processes and files. */
export function isLocalUrl(url: string): boolean {
  return url.startsWith('unix://');
}

/** The url as dockerode takes it. `tcp://` uses TLS when `DOCKER_TLS_VERIFY` is set, with the files of `DOCKER_CERT_PATH`. */
export function engineAddress(url: string, env: HostVariables): EngineAddress {
  if (isLocalUrl(url)) return { socketPath: url.slice('unix://'.length) };
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw new InputError(`not an engine address: ${url}`, {
      hint: 'use a socket path, unix:///path, tcp://host:port or ssh://user@host',
      cause: error,
    });
  }
  const host = parsed.hostname;
  if (parsed.protocol === 'ssh:') {
    const agent = env['SSH_AUTH_SOCK'];
    const port = parsed.port === '' ? 22 : Number(parsed.port);
    const username = decodeURIComponent(parsed.username);
    return {
      protocol: 'ssh',
      host,
      port,
      username,
      ...(agent === undefined ? {} : { sshOptions: { agentForward: false, agent } }),
    };
  }
  const certificates = env['DOCKER_CERT_PATH'];
  if (parsed.protocol === 'https:' || (env['DOCKER_TLS_VERIFY'] ?? '') !== '') {
    const port = Number(parsed.port === '' ? 2376 : parsed.port);
    return {
      protocol: 'https',
      host,
      port,
      ...(certificates === undefined ? {} : readCertificates(certificates)),
    };
  }
  if (parsed.protocol === 'tcp:' || parsed.protocol === 'http:') {
    return { protocol: 'http', host, port: Number(parsed.port === '' ? 2375 : parsed.port) };
  }
  throw new InputError(`engine address ${url}: ${parsed.protocol} is not supported`, {
    hint: 'use a socket path, unix:///path, tcp://host:port or ssh://user@host',
  });
}

function readCertificates(dir: string): Pick<EngineAddress, 'ca' | 'cert' | 'key'> {
  const read = (name: string): Buffer => readFileSync(join(dir, name));
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}
