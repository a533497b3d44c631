import { InputError } from '../base/errors.js';
import { runDefaults, type AgentSpec, type RunSpec } from '../record/run-spec.js';
import type { HostVariables } from '../base/host-variables.js';
import { baseUrls } from './base-urls.js';
import { shardOf } from './options/parse-values.js';
import { taskSelection } from './options/task-options.js';
import type { RunOptions } from './run-options.js';

/** The runs that the options of `tbench run` ask for, one a model. The environment says where they are served when the options do not. */
export function runSpecsFromOptions(options: RunOptions, env: HostVariables): readonly RunSpec[] {
  return agentSpecs(options, env).map((agent) => runSpec(options, agent));
}

function runSpec(options: RunOptions, agent: AgentSpec): RunSpec {
  return {
    datasets: options.dataset ?? runDefaults.datasets,
    tasks: taskSelection(options),
    attempts: options.attempts,
    agent,
    concurrency: options.concurrency,
    retries: options.retries,
    shard: options.shard === undefined ? null : shardOf(options.shard),
    failFast: options.failFast,
    trial: {
      timeoutMultiplier: options.timeoutMultiplier,
      clock: options.clock,
      pull: options.pull,
      forceBuild: options.forceBuild,
      keepSandboxes: options.keepSandboxes,
      keepFinal: options.keepFinal,
      blockPrivate: options.blockPrivate,
      passedVariables: options.passEnv ?? [],
      verifier: {
        retries: options.verifierRetries,
        negativeControl: options.negativeControl,
        isolated: options.isolatedVerify,
        rewardPrecedence: options.rewardFile,
      },
    },
  };
}

function agentSpecs(options: RunOptions, env: HostVariables): readonly AgentSpec[] {
  const { agent: kind, model: names = [] } = options;
  if (kind !== 'model') {
    if (names.length === 0) return [{ kind }];
    throw new InputError(`--agent ${kind} uses no model: leave --model out`);
  }
  if (names.length === 0)
    throw new InputError('which model? --model NAME is needed', {
      hint: 'Use --model NAME as the server lists it, --model replay:DIR, or --agent oracle to run the reference solutions.',
    });
  return [...new Set(names)].map((name) => ({
    kind,
    harness: { name: options.harness, digest: null },
    model: {
      name,
      kind: null,
      baseUrls: name.startsWith('replay:') ? [] : baseUrls(options.baseUrl, env),
      concurrency: options.modelConcurrency,
      outageLimitMs: options.outageLimit * 60_000,
      record: options.record,
    },
  }));
}
