import { SandboxError } from '../../base/errors.js';

/** What dockerode rejects with: an HTTP answer that says no, or a socket error. */
export interface EngineFailure extends Error {
  readonly statusCode?: number;
  readonly json?: unknown;
  readonly code?: string;
}

/** The engine refused a call or could not be reached. Blame: infrastructure. */
export class EngineCallError extends SandboxError {
  constructor(
    message: string,
    /** HTTP status; null when there was no answer at all. */
    readonly status: number | null,
    /** The engine's own words. */
    readonly said: string,
    details: { readonly hint?: string; readonly cause?: unknown },
  ) {
    super(message, details);
  }

  /** The engine's service does not answer: it may come back. */
  get isUnreachable(): boolean {
    return this.status === null;
  }

  /** Nobody listened, so the call had no effect. */
  get neverSent(): boolean {
    const code = (this.cause as EngineFailure | undefined)?.code;
    return this.isUnreachable && (code === 'ECONNREFUSED' || code === 'ENOENT');
  }
}

/** Translates a failed call: `what` could not be done, what the engine said, and what to do about it. */
export function engineError(failure: EngineFailure, what: string): EngineCallError {
  const status = failure.statusCode ?? null;
  const said = status === null ? failure.message : (messageOf(failure.json) ?? wordsIn(failure.message));
  const reason =
    status === null ? `the container engine does not answer (${said})` : `the container engine says: ${said}`;
  const hint = hintFor(status, said);
  return new EngineCallError(`cannot ${what}: ${reason}`, status, said, {
    cause: failure,
    ...(hint === null ? {} : { hint }),
  });
}

/** The engine's words in a message of dockerode, `(HTTP code 404) unexpected - no such file`: all there is of a stream. */
function wordsIn(message: string): string {
  return message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

function messageOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return null;
  const { message, cause } = json as { message?: unknown; cause?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof cause === 'string' && cause !== '' ? cause : null;
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/no space left|disk quota/i, 'the disk is full: free some space (`podman system df` shows who uses it)'],
  [
    /cgroups in hybrid mode not supported/i,
    'crun does not work with hybrid cgroups: install runc, and set runtime = "runc" in containers.conf if there is one',
  ],
  [
    /rlimit.*(not permitted|invalid)/i,
    'the engine asks for higher limits than this host allows: set default_ulimits in containers.conf',
  ],
  [
    /sub[ug]id ranges|newuidmap|newgidmap|insufficient UIDs or GIDs/i,
    'rootless podman needs subordinate ids: as root, `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`, and install uidmap; then `podman system migrate`',
  ],
  [
    /\/dev\/net\/tun|slirp4netns|pasta\b/i,
    'rootless networks need /dev/net/tun and slirp4netns or passt: as root, `modprobe tun; chmod 666 /dev/net/tun`, and install slirp4netns',
  ],
  [
    /netavark|iptables|aardvark/i,
    'container networking is incomplete: install netavark, aardvark-dns and iptables',
  ],
  [/name .*is (already )?in use/i, 'remove the container of that name, or let `tbench clean` do it'],
  [
    /permission denied|EACCES/i,
    'this user may not talk to the engine: use a rootless podman socket or run as root',
  ],
];

function hintFor(status: number | null, said: string): string | null {
  const known = hints.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return known[1];
  if (status === null)
    return 'is the engine running? `tbench doctor` looks for it; `--engine SOCKET` names one';
  return null;
}
