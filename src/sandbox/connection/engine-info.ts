import { z } from 'zod';
import type { EngineInfo } from '../container-engine.js';
import type { EngineClient } from './engine-client.js';

const versionAnswer = z.object({
  Version: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});
const infoAnswer = z.object({
  NCPU: z.number(),
  MemTotal: z.number(),
  CgroupVersion: z.string().nullish(),
  DefaultRuntime: z.string().nullish(),
  DockerRootDir: z.string().nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** Asks the engine what it is and what its host has. */
export async function readEngineInfo(
  client: EngineClient,
  found: { readonly socket: string; readonly ownService: boolean; readonly signal?: AbortSignal | undefined },
): Promise<EngineInfo> {
  const { signal } = found;
  const [version, info] = await Promise.all([
    client.json(
      { method: 'GET', path: '/version', signal, what: "ask for the engine's version" },
      versionAnswer,
    ),
    client.json({ method: 'GET', path: '/info', signal, what: "ask for the engine's host" }, infoAnswer),
  ]);
  const isPodman = (version.Components ?? []).some(({ Name: name }) => name.startsWith('Podman'));
  return {
    name: isPodman ? 'podman' : 'docker',
    version: version.Version,
    socket: found.socket,
    ownService: found.ownService,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('rootless')),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    cgroupVersion: info.CgroupVersion ?? 'unknown',
    runtime: info.DefaultRuntime ?? 'unknown',
    storageDir: info.DockerRootDir ?? null,
  };
}

/** True when something answers like an engine within `timeoutMs`. */
export async function answersPing(client: EngineClient): Promise<boolean> {
  try {
    const answer = await client.send({ method: 'GET', path: '/_ping', what: 'reach the container engine' });
    return String(answer).startsWith('OK');
  } catch {
    return false;
  }
}
