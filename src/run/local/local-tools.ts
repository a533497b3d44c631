import { createAgent } from '../../agent/create-agent.js';
import type { LocalTools } from '../../job/local-dispatcher.js';
import type { RunSpec } from '../../record/run-spec.js';
import { createRedactor } from '../../results/redact.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { createVerifier } from '../../verifier/create-verifier.js';
import { localSettings } from './local-settings.js';
import { apiKeyOf, type ServedHarness } from './open-model.js';

import type { HostVariables } from '../../base/host-variables.js';
import { readVersion } from '../version.js';

/** What this process makes the trials of a run with. */
export function localTools(
  spec: RunSpec,
  {
    engine,
    served,
    env,
  }: { readonly engine: ContainerEngine; readonly served: ServedHarness | null; readonly env: HostVariables },
): LocalTools {
  const [harness, models] = [served?.harness ?? null, served?.model.service ?? null];
  const settings = localSettings(spec, { harness, env });
  const { hostEnv } = settings;
  return {
    engine,
    adopts: false,
    agent: createAgent(spec.agent.kind, { harness, models, hostEnv, version: readVersion() }),
    verifier: createVerifier(hostEnv),
    redact: createRedactor([apiKeyOf(env) ?? undefined, ...Object.values(hostEnv)]),
    settings,
  };
}
