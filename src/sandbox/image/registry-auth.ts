import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { HostVariables } from '../../base/host-variables.js';

/** Credentials as the engine's API takes them. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

const authFile = z.object({
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
type AuthFile = z.infer<typeof authFile>;

/** The files that podman and docker read, in podman's order. */
export function authFiles(env: HostVariables, uid: number): readonly string[] {
  const home = env['HOME'] ?? '/root';
  const named = env['REGISTRY_AUTH_FILE'];
  if (named !== undefined && named !== '') return [named];
  return [
    join(env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`, 'containers/auth.json'),
    ...(uid === 0 ? ['/run/containers/0/auth.json'] : []),
    join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'containers/auth.json'),
    join(env['DOCKER_CONFIG'] ?? join(home, '.docker'), 'config.json'),
  ];
}

/**
 * Credentials for a repository (`docker.io/library/ubuntu`): the most specific entry of the first file that has
 * one, from the file itself or from the credential helper it names. null when none: the pull is anonymous.
 */
export async function findCredentials(
  repository: string,
  files: readonly string[],
): Promise<RegistryCredentials | null> {
  for (const path of files) {
    const file = await loadAuthFile(path);
    const found = file === null ? null : await credentialsIn(file, repository);
    if (found !== null) return found;
  }
  return null;
}

/** A missing or damaged file offers nothing; the pull then says whether credentials were needed. */
async function loadAuthFile(path: string): Promise<AuthFile | null> {
  try {
    return authFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function credentialsIn(file: AuthFile, repository: string): Promise<RegistryCredentials | null> {
  const registry = repository.slice(0, repository.indexOf('/'));
  const helper = file.credHelpers?.[registry] ?? file.credsStore;
  for (const scope of scopesOf(repository)) {
    for (const [key, { auth, identitytoken }] of Object.entries(file.auths ?? {})) {
      if (normalizedKey(key) !== scope || (auth === undefined && identitytoken === undefined)) continue;
      const [username = '', ...password] = Buffer.from(auth ?? '', 'base64')
        .toString()
        .split(':');
      const token = identitytoken === undefined ? {} : { identitytoken };
      return { username, password: password.join(':'), ...token, serveraddress: registry };
    }
  }
  return helper === undefined ? null : askHelper(helper, registry);
}

/** `docker.io/a/b`, `docker.io/a`, `docker.io`: containers' auth files may be that specific. */
function scopesOf(repository: string): readonly string[] {
  const parts = repository.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** docker writes Docker Hub as `https://index.docker.io/v1/`. */
function normalizedKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return bare.replace(/^(index|registry-1)\.docker\.io/, 'docker.io');
}

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

/** docker's credential-helper protocol: the registry on stdin, JSON on stdout. */
async function askHelper(helper: string, registry: string): Promise<RegistryCredentials | null> {
  const asked = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  const answer = await new Promise<string | null>((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { timeout: 10_000 }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
    child.stdin?.on('error', () => undefined).end(asked);
  });
  try {
    const { Username: username, Secret: secret } = helperAnswer.parse(JSON.parse(answer ?? ''));
    if (username === '<token>')
      return { username: '', password: '', identitytoken: secret, serveraddress: registry };
    return { username, password: secret, serveraddress: registry };
  } catch {
    return null;
  }
}
