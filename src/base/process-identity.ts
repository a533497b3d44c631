import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which the process started; '' where the system does not tell. */
  readonly startedAt: string;
  /** Host, boot and pid namespace in which the pid means anything. */
  readonly realm: string;
}

/** A living process of this machine; by default this one. */
export function identify(pid: number = process.pid): ProcessIdentity {
  return { pid, startedAt: startTimeOf(pid) ?? '', realm: ownRealm() };
}

export type OwnerState = 'alive' | 'dead' | 'unknown';

/** Whether the process still lives. Of another host or pid namespace nothing can be said: `unknown`. */
export function ownerState(owner: ProcessIdentity, realm: string = ownRealm()): OwnerState {
  if (owner.realm !== realm) {
    const [host, boot, namespace] = owner.realm.split('/');
    const [ownHost, ownBoot, ownNamespace] = realm.split('/');
    // The same machine after a reboot: every process of before is gone.
    return host === ownHost && namespace === ownNamespace && boot !== ownBoot ? 'dead' : 'unknown';
  }
  const startedAt = startTimeOf(owner.pid);
  if (startedAt === null) return isRunning(owner.pid) ? 'alive' : 'dead';
  return owner.startedAt === '' || owner.startedAt === startedAt ? 'alive' : 'dead';
}

/** A short name that no other process of this machine picks. */
export function uniqueSuffix(): string {
  return randomUUID().slice(0, 8);
}

function ownRealm(): string {
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8));
  const namespace = tryRead(() => readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''));
  return [hostname().replaceAll('/', '-'), boot ?? '-', namespace ?? '-'].join('/');
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses. A zombie counts as gone. */
function startTimeOf(pid: number): string | null {
  const text = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? null : (fields[19] ?? null);
}

/** For systems without /proc. On Linux a missing /proc entry is already the answer. */
function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tryRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
