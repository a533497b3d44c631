import type { ServiceSpec } from '../../../record/service-spec.js';
import { podmanProcesses, readHardLimits } from '../../connection/host-facts.js';

type Ulimits = ServiceSpec['ulimits'];

/** The limits that this process, and with it an engine on this machine, may not go beyond. */
interface Ceilings {
  /** Hard limits by the name that engines have for them; one without a limit is not there. */
  readonly hard: ReadonlyMap<string, number>;
  /** May raise them (CAP_SYS_RESOURCE). */
  readonly canRaise: boolean;
}

const rows: Readonly<Record<string, string>> = {
  nofile: 'Max open files',
  nproc: 'Max processes',
  memlock: 'Max locked memory',
  core: 'Max core file size',
  stack: 'Max stack size',
  fsize: 'Max file size',
  sigpending: 'Max pending signals',
  msgqueue: 'Max msgqueue size',
  rtprio: 'Max realtime priority',
  nice: 'Max nice priority',
};

/** Those of this process. podman lowers its own limit of processes before it starts containers. */
export function ownCeilings(): Ceilings {
  const { hardOf, canRaise } = readHardLimits();
  const found = Object.entries(rows).flatMap(([name, row]) => {
    const hard = hardOf(row);
    return hard === null ? [] : [[name, name === 'nproc' ? Math.min(hard, podmanProcesses) : hard] as const];
  });
  return { hard: new Map(found), canRaise };
}

/** What podman sets by itself as soon as a container has any limit of its own, far beyond what every machine allows. */
const alwaysSet = ['nofile', 'nproc'] as const;

/**
 * The limits of a service as the engine can give them: none above this machine's, and with those that podman would set too high by
 * itself. What was asked for and is not given is told.
 */
export function givenUlimits(
  wanted: Ulimits,
  { hard, canRaise }: Ceilings,
): { readonly ulimits: Ulimits; readonly clamped: readonly string[] } {
  if (wanted.length === 0 || canRaise) return { ulimits: wanted, clamped: [] };
  const clamped: string[] = [];
  const given = wanted.map(({ name, ...limit }) => {
    const most = hard.get(name) ?? Infinity;
    // -1 is no limit.
    const within = (value: number): number =>
      most !== Infinity && (value < 0 || value > most) ? most : value;
    const [soft, top] = [within(limit.soft), within(limit.hard)];
    if (top !== limit.hard) clamped.push(`ulimit ${name}: ${limit.hard} wanted, this machine allows ${top}`);
    return { name, soft, hard: top };
  });
  const missing = alwaysSet.flatMap((name) => {
    const most = hard.get(name);
    return most === undefined || given.some((one) => one.name === name)
      ? []
      : [{ name, soft: most, hard: most }];
  });
  return { ulimits: [...given, ...missing], clamped };
}
