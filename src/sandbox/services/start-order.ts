import { sleep } from '../../base/deadline.js';
import { TaskError } from '../../base/errors.js';
import type { ExecOptions, ExecResult } from '../sandbox.js';
import type { ServiceSpec, WholeHealthcheck } from '../../record/service-spec.js';
import type { ServiceState } from './environment-member.js';

/** What a gate needs of a started service. */
export interface GatedService {
  readonly healthcheck: WholeHealthcheck | null;
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  state(signal?: AbortSignal): Promise<ServiceState>;
  log(signal?: AbortSignal): Promise<string>;
}

export interface StartOptions {
  /**
   * Creates one service and starts it when `mayStart` allows; called once for each, when what it depends on has started, so that
   * volumes are filled in that order.
   */
  readonly start: (service: ServiceSpec, mayStart: () => Promise<void>) => Promise<GatedService>;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

const pollMs = 250;
const firstPollMs = 50;

/**
 * Starts services side by side, each when what it depends on is started, healthy or done, and waits until all with a test of health
 * have passed it. Throws TaskError for a circle, and for a service that never gets there, with the end of its log.
 */
export async function startInOrder(services: readonly ServiceSpec[], options: StartOptions): Promise<void> {
  refuseCircles(services);
  const started = new Map<string, Promise<GatedService>>();
  const healthy = new Map<string, Promise<void>>();
  const once = <T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> => {
    const promise = known.get(name) ?? make();
    known.set(name, promise);
    promise.catch(() => undefined);
    return promise;
  };
  const startOf = (service: ServiceSpec): Promise<GatedService> =>
    once(started, service.name, async () => {
      const gates = service.dependsOn.flatMap(({ service: name, condition }) => {
        const other = services.find((one) => one.name === name);
        return other === undefined ? [] : [{ other, condition, running: startOf(other) }];
      });
      await Promise.all(gates.map(({ running }) => running));
      options.signal?.throwIfAborted();
      return options.start(service, async () => {
        await Promise.all(
          gates.map(async ({ other, condition, running }) => {
            if (condition === 'healthy') await healthOf(other);
            if (condition === 'completed') await waitForEnd(other.name, await running, options);
          }),
        );
        options.signal?.throwIfAborted();
      });
    });
  const healthOf = (service: ServiceSpec): Promise<void> =>
    once(healthy, service.name, async () => waitForHealth(service.name, await startOf(service), options));
  const results = await Promise.allSettled(
    services.flatMap((service) => [startOf(service), healthOf(service)]),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function refuseCircles(services: readonly ServiceSpec[]): void {
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw new TaskError(`services depend on each other in a circle: ${[...path, name].join(' → ')}`);
    for (const { service } of services.find((one) => one.name === name)?.dependsOn ?? [])
      visit(service, [...path, name]);
  };
  for (const { name } of services) visit(name, []);
}

async function waitForEnd(name: string, service: GatedService, options: StartOptions): Promise<void> {
  for (;;) {
    const { isRunning, exitCode } = await service.state(options.signal);
    if (!isRunning && exitCode === 0) return;
    if (!isRunning)
      throw await serviceError(name, service, `exited with ${exitCode}, and others wait for its success`);
    await sleep(pollMs, options.signal);
  }
}

/**
 * Runs a service's own test until it passes. Asked more often than its interval, after a tenth of what it has taken so far, so that
 * nobody waits long for the next round; given up when as much time as its retries take has passed after its start period.
 */
async function waitForHealth(name: string, service: GatedService, options: StartOptions): Promise<void> {
  const check = service.healthcheck;
  if (check === null) return;
  const { signal } = options;
  const startedAt = performance.now();
  const limitMs =
    check.startPeriodMs + check.retries * (check.intervalMs + Math.min(check.timeoutMs, check.intervalMs));
  for (let failures = 0; ; failures += 1) {
    const state = await service.state(signal);
    if (!state.isRunning && state.exitCode === 0) return;
    if (!state.isRunning)
      throw await serviceError(name, service, `exited with ${state.exitCode} before it was healthy`);
    const result = await service.exec(check.argv, { timeoutMs: check.timeoutMs, ...(signal && { signal }) });
    if (result.exitCode === 0 && !result.timedOut) break;
    if (failures === 0) options.onProgress(`service ${name} is not healthy yet`);
    if (performance.now() - startedAt > limitMs && failures >= check.retries) {
      const said = (result.stdout + result.stderr).trim().slice(-300);
      throw await serviceError(
        name,
        service,
        `is not healthy after ${failures + 1} tests (exit ${result.exitCode}): ${said}`,
      );
    }
    const takenMs = performance.now() - startedAt;
    await sleep(Math.min(Math.max(firstPollMs, takenMs / 10), pollMs, check.intervalMs), signal);
  }
  options.onProgress(`service ${name} is healthy`);
}

async function serviceError(name: string, service: GatedService, what: string): Promise<Error> {
  const log = await service.log().catch(() => '');
  const end = log.trim().slice(-800);
  const text = `service ${name} ${what}${end === '' ? '' : `\n  its log ends: ${end}`}`;
  return new TaskError(text);
}
