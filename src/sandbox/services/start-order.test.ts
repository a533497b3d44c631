import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../record/service-spec.js';
import { startInOrder, type GatedService } from './start-order.js';

type Gate = ServiceSpec['dependsOn'][number]['condition'];

function service(name: string, dependsOn: Readonly<Record<string, Gate>> = {}): ServiceSpec {
  const gates = Object.entries(dependsOn).map(([other, condition]) => ({
    service: other,
    condition,
    isRequired: true,
  }));
  return { name, dependsOn: gates } as unknown as ServiceSpec;
}

/** Services whose test passes at the nth try, written down as they start. */
function starter(
  passesAt: Readonly<Record<string, number>> = {},
  exitCodes: Readonly<Record<string, number>> = {},
) {
  const log: string[] = [];
  const made: string[] = [];
  const start = async (spec: ServiceSpec, mayStart: () => Promise<void>): Promise<GatedService> => {
    made.push(spec.name);
    await mayStart();
    log.push(spec.name);
    const at = passesAt[spec.name];
    let tries = 0;
    const check = {
      argv: ['test'],
      intervalMs: 20,
      timeoutMs: 20,
      startPeriodMs: 0,
      startIntervalMs: 1,
      retries: 2,
    };
    return {
      healthcheck: at === undefined ? null : check,
      exec: () => {
        tries += 1;
        const isUp = tries >= (at ?? 0);
        if (isUp) log.push(`${spec.name} healthy`);
        const exitCode = isUp ? 0 : 1;
        return Promise.resolve({
          exitCode,
          stdout: '',
          stderr: 'no',
          timedOut: false,
          droppedBytes: 0,
          durationMs: 1,
        });
      },
      state: () => {
        const exitCode = exitCodes[spec.name];
        return Promise.resolve({
          isRunning: exitCode === undefined,
          exitCode: exitCode ?? 0,
          wasKilledForMemory: false,
        });
      },
      log: () => Promise.resolve('last words'),
    };
  };
  return { log, made, options: { start, onProgress: () => undefined, signal: undefined } };
}

describe('startInOrder', () => {
  it('starts each when what it depends on is started, healthy or done', async () => {
    const { log, options } = starter({ db: 3 }, { migrate: 0 });
    const services = [
      service('main', { db: 'healthy', migrate: 'completed', cache: 'started' }),
      service('migrate', { db: 'healthy' }),
      service('db'),
      service('cache'),
    ];
    await startInOrder(services, options);
    expect(log.filter((line) => line !== 'cache')).toEqual(['db', 'db healthy', 'migrate', 'main']);
    expect(log.indexOf('cache')).toBeLessThan(log.indexOf('main'));
  });

  it('makes a service when what it depends on has started, and starts it when that is healthy', async () => {
    const { log, made, options } = starter({ db: 3 });
    await startInOrder([service('main', { db: 'healthy' }), service('db')], {
      ...options,
      onProgress: (line) => log.push(`${line}; made: ${made.join(' ')}`),
    });
    expect(log).toEqual([
      'db',
      'service db is not healthy yet; made: db main',
      'db healthy',
      'service db is healthy; made: db main',
      'main',
    ]);
  });

  it('names a service that never gets healthy, with the end of its log', async () => {
    const { log, options } = starter({ db: 1_000 });
    const start = startInOrder([service('main', { db: 'healthy' }), service('db')], options);
    await expect(start).rejects.toThrow(/service db is not healthy[^]*last words/);
    expect(log).toEqual(['db']);
  });

  it('names one that ends before it is healthy, and one whose success others wait for', async () => {
    const dying = starter({ db: 1_000 }, { db: 3 });
    await expect(startInOrder([service('db')], dying.options)).rejects.toThrow(
      'service db exited with 3 before',
    );
    const failing = starter({}, { seed: 4 });
    const services = [service('main', { seed: 'completed' }), service('seed')];
    await expect(startInOrder(services, failing.options)).rejects.toThrow(
      'service seed exited with 4, and others',
    );
  });

  it('refuses a circle', async () => {
    const { options } = starter();
    const services = [service('a', { b: 'started' }), service('b', { a: 'started' })];
    await expect(startInOrder(services, options)).rejects.toThrow('in a circle: a → b → a');
  });
});
