import { TaskError } from '../../../base/errors.js';
import type { ServiceHealthcheck } from '../../../record/service-spec.js';
import type { ServiceYaml } from './compose-schema.js';
import { durationMs } from './units.js';

/** A service's test of health; null where it is switched off. What the file does not say is the image's. */
export function readHealthcheck(
  where: string,
  { healthcheck: check = {} }: ServiceYaml,
): ServiceHealthcheck | null {
  const { test } = check;
  const words = typeof test === 'string' ? ['CMD-SHELL', test] : test;
  const [kind, ...rest] = words ?? [];
  if (check.disable === true || kind === 'NONE') return null;
  if (words !== undefined && (rest.length === 0 || (kind !== 'CMD' && kind !== 'CMD-SHELL')))
    throw new TaskError(`${where}.healthcheck.test: a list begins with CMD, CMD-SHELL or NONE`);
  const time = (key: 'interval' | 'timeout' | 'start_period' | 'start_interval'): number | null =>
    readDuration(`${where}.healthcheck.${key}`, check[key]);
  return {
    argv: words === undefined ? null : kind === 'CMD' ? rest : ['/bin/sh', '-c', rest.join(' ')],
    intervalMs: time('interval'),
    timeoutMs: time('timeout'),
    startPeriodMs: time('start_period'),
    startIntervalMs: time('start_interval'),
    retries: check.retries ?? null,
  };
}

/** A duration of a compose file in milliseconds; null where it is not given. */
export function readDuration(where: string, written: string | undefined): number | null {
  if (written === undefined) return null;
  const ms = durationMs(written);
  if (ms === null) throw new TaskError(`${where}: "${written}" is no duration`);
  return ms;
}
