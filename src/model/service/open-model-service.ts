import { join } from 'node:path';
import { openDeadline } from '../../base/deadline.js';
import { InputError } from '../../base/errors.js';
import { calibrationPrefix } from '../../record/model-kind.js';
import type { ModelService } from '../chat-model.js';
import { loadRecording } from '../replay/load-recording.js';
import type { Divergence, ModelEvent } from '../model-event.js';
import { startReplayServer } from '../replay/replay-server.js';
import { defaultRetryPolicy, type RetryPolicy } from '../retry/back-off.js';
import { parseServerAddress } from '../wire/server-address.js';
import { listModels } from './server-status.js';
import { Servers } from './servers.js';
import { TrialLine } from './trial-line.js';
import { ExchangeLog } from './exchange-log.js';
import { least } from '../../base/number/extremes.js';

export interface ModelServiceOptions {
  /** As the server lists it, or `replay:DIR`. */
  readonly model: string;
  /** One or more OpenAI-compatible servers; ignored for a replay. */
  readonly baseUrls: readonly string[];
  readonly apiKey: string | null;
  /** Requests in flight at each server; `auto` follows its /metrics. */
  readonly concurrency: number | 'auto';
  /** How long the job waits for a server that is down. Default 30 minutes. */
  readonly outageLimitMs?: number;
  /** Longest silence of a server while it works on a request. Default 15 minutes. */
  readonly idleTimeoutMs?: number;
  readonly retryPolicy?: RetryPolicy;
  /** Pause before /health is asked again. Default 2 s. */
  readonly outagePollMs?: number;
  /** Pause between two looks at /metrics with `auto`. Default 2 s. */
  readonly metricsPollMs?: number;
  /** Whether requests and responses are kept in the folder that a trial names for them. Default false. */
  readonly record?: boolean;
  /** Removes secrets from what is recorded or reported. */
  readonly redact: (text: string) => string;
  readonly onEvent: (event: ModelEvent) => void;
  readonly signal: AbortSignal;
}

/** A model service that can say where a replay saw something else than the recorded trials did. */
export interface OpenModelService extends ModelService {
  /** Empty for a live model. */
  divergences(): readonly Divergence[];
}

/**
 * Opens the model of a job: a served one, or recorded turns behind a server of our own. Does not check that the
 * server is fit; `preflight` does.
 * @throws InputError for an unreadable URL or recording
 */
export async function openModelService(options: ModelServiceOptions): Promise<OpenModelService> {
  return options.model.startsWith('replay:') ? openReplay(options) : openLive(options);
}

async function openLive(options: ModelServiceOptions): Promise<OpenModelService> {
  if (options.baseUrls.length === 0) throw new InputError('no --base-url for the model server');
  const addresses = options.baseUrls.map((url) => parseServerAddress(url, options.apiKey));
  const lengths = await Promise.all(
    addresses.map(async (address) => {
      using deadline = openDeadline(5000, options.signal);
      const cards = await listModels(address, deadline.signal).catch(() => []);
      options.signal.throwIfAborted();
      return cards.find((card) => card.id === options.model)?.maxModelLen ?? null;
    }),
  );
  const known = lengths.filter((length) => length !== null);
  const maxModelLen = known.length === 0 ? null : least(known);
  const servers = openServers(options, addresses);
  return {
    name: options.model,
    kind: options.model.startsWith(calibrationPrefix) ? 'calibration' : 'live',
    openTrial: (trial) =>
      Promise.resolve(openLine(options, { servers, trial, model: options.model, maxModelLen })),
    divergences: () => [],
    [Symbol.asyncDispose]: () => {
      servers[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function openReplay(options: ModelServiceOptions): Promise<OpenModelService> {
  const recording = await loadRecording(options.model.slice('replay:'.length));
  const divergences: Divergence[] = [];
  const server = await startReplayServer(recording, {
    onDivergence: (divergence) => {
      divergences.push(divergence);
      options.onEvent({ kind: 'divergence', divergence });
    },
  });
  const servers = openServers(options, [parseServerAddress(server.baseUrl, null)]);
  return {
    name: options.model,
    kind: recording.kind,
    openTrial: (trial) =>
      Promise.resolve(openLine(options, { servers, trial, model: server.model, maxModelLen: null })),
    divergences: () => divergences,
    [Symbol.asyncDispose]: async () => {
      servers[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function openServers(
  options: ModelServiceOptions,
  addresses: ConstructorParameters<typeof Servers>[0]['addresses'],
): Servers {
  return new Servers({
    addresses,
    concurrency: options.concurrency,
    outageLimitMs: options.outageLimitMs ?? 30 * 60_000,
    outagePollMs: options.outagePollMs ?? 2000,
    metricsPollMs: options.metricsPollMs ?? 2000,
    onEvent: options.onEvent,
  });
}

function openLine(
  options: ModelServiceOptions,
  line: Pick<ConstructorParameters<typeof TrialLine>[0], 'servers' | 'trial' | 'model' | 'maxModelLen'>,
): TrialLine {
  const { redact, onEvent } = options;
  const { model, maxModelLen, trial } = line;
  const header = {
    model,
    max_model_len: maxModelLen,
    task: trial.task,
    attempt: trial.attempt,
    trial: trial.name,
  };
  return new TrialLine({
    ...line,
    idleTimeoutMs: options.idleTimeoutMs ?? 15 * 60_000,
    retryPolicy: options.retryPolicy ?? defaultRetryPolicy,
    record:
      options.record === true && trial.agentDir !== undefined
        ? new ExchangeLog(join(trial.agentDir, 'model.jsonl'), header, redact)
        : null,
    redact,
    onEvent,
  });
}
