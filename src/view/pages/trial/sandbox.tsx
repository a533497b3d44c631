import type { FC } from 'hono/jsx';
import { duration } from '../../../report/text/format.js';
import { Facts } from '../parts/facts.js';
import { bytes } from '../parts/bytes.js';
import type { TrialProps } from './trial-props.js';

/** Limits in force, what was used of them, and what went wrong around the agent. */
export const SandboxFacts: FC<Pick<TrialProps, 'data'>> = ({ data: { record, summary } }) => {
  if (record === null) return null;
  const { limits, vitals, clock, phasesMs } = record;
  const limit = clock?.limit_ms ?? null;
  const rows: Parameters<typeof Facts>[0]['rows'] = [
    ['image', record.image?.reference ?? null],
    ['built on', record.image?.base ?? null],
    ['processors', limits.cpus === null ? null : String(limits.cpus)],
    ['memory', memory(limits.memoryBytes, vitals.memoryPeakBytes)],
    ['memory ran out', vitals.oomKills === null || vitals.oomKills === 0 ? null : `${vitals.oomKills} times`],
    ['throttled', vitals.throttledMs === null ? null : duration(vitals.throttledMs)],
    ['disk written', vitals.diskBytes === null ? null : bytes(vitals.diskBytes)],
    ['processes at most', limits.pids === null ? null : String(limits.pids)],
    ['network', limits.network],
    [
      'agent’s time',
      clock === null
        ? null
        : `${duration(clock.elapsed_ms)}${limit === null ? '' : ` of ${duration(limit)}`} on the ${clock.mode} clock`,
    ],
    ['server kept it waiting', clock === null ? null : serverWaits(clock)],
    [
      'phases',
      phasesMs === null
        ? null
        : Object.entries(phasesMs)
            .map(([phase, ms]) => `${phase} ${duration(ms)}`)
            .join(', '),
    ],
    ['tries', record.tries === null || record.tries === 1 ? null : String(record.tries)],
    ['how it ended', record.endingDetail],
    ['error', record.exception == null ? null : errorText(record.exception)],
    ['overrides', (summary?.overrides ?? []).join(', ')],
    ['warnings', record.warnings.join('; ')],
  ];
  return (
    <section>
      <h2 id="sandbox">Sandbox and clock</h2>
      {rows.every(([, value]) => value === null || value === '') ? (
        <p class="empty-note">The record tells neither limits nor times.</p>
      ) : (
        <Facts rows={rows} />
      )}
    </section>
  );
};

function memory(limit: number | null, peak: number | null): string | null {
  if (limit === null) return peak === null ? null : `peak ${bytes(peak)}`;
  return `${bytes(limit)}${peak === null ? '' : `, peak ${bytes(peak)}`}`;
}

type Clock = NonNullable<NonNullable<TrialProps['data']['record']>['clock']>;

function serverWaits(clock: Clock): string | null {
  const parts: [string, number][] = [
    ['for a slot', clock.slot_ms],
    ['between retries', clock.retry_ms],
    ['in outages', clock.outage_ms],
    ['in silence', clock.silence_ms ?? 0],
  ];
  const told = parts.filter(([, ms]) => ms >= 1).map(([what, ms]) => `${duration(ms)} ${what}`);
  return told.length === 0 ? 'never' : told.join(', ');
}

function errorText({
  exception_type: type,
  exception_message: message,
}: {
  readonly exception_type: string;
  readonly exception_message?: string | null | undefined;
}): string {
  return `${type}: ${(message ?? '').slice(0, 2000)}`;
}
