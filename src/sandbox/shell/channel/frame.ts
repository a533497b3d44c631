import { maxStateBytes } from '../protocol.js';

/**
 * What the supervisor says, told apart from what commands print. On stdout a command's bytes end with
 * `\1NONCE SEQ-\n`; what follows until `\1NONCE SEQ+\n` is of leftovers and is dropped. On stderr there are events
 * (`\1NONCE WORD...\n`) and dumps of a shell's state (`\1TOKEN{\n` ... `\1TOKEN}\n`). The nonce never enters
 * a process that runs the agent's text, so nothing printed can be mistaken for a frame.
 */

/** Receives one command's bytes; slices are valid only during the call. */
export interface OutputListener {
  readonly onData: (bytes: Buffer) => void;
  readonly onEnd: () => void;
}

const nothing = Buffer.alloc(0);

/**
 * Finds the bytes of one command after the other in the supervisor's stdout. Any bytes, any chunking. A marker that is not
 * awaited (of a prepared shell that died before its turn) is dropped: the nonce must not reach an agent.
 */
export class OutputReader {
  private held: Buffer = nothing;
  /** The marker to look for next; null while no output is expected. */
  private awaited: { readonly marker: Buffer; readonly edge: '-' | '+' } | null = null;
  private current: { readonly seq: number; readonly listener: OutputListener } | null = null;
  private readonly prefix: Buffer;

  constructor(private readonly nonce: string) {
    this.prefix = Buffer.from(`\u0001${nonce} `);
  }

  /** From here on, or from the end of what an earlier command left, the output of command `seq` goes to `listener`. */
  expect(seq: number, listener: OutputListener): void {
    this.current = { seq, listener };
    if (this.awaited === null) this.await(seq, '-');
  }

  /** Drops the rest of the current command's output. */
  abandon(): void {
    if (this.current !== null) this.await(this.current.seq, '+');
    this.current = null;
  }

  push(chunk: Buffer): void {
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    this.held = nothing;
    while (this.awaited !== null && rest.length > 0) {
      const { marker, edge } = this.awaited;
      const found = findMarker(rest, this.prefix);
      const isAll = found.at === rest.length;
      if (edge === '-' && found.at > 0)
        this.current?.listener.onData(isAll ? rest : rest.subarray(0, found.at));
      if (found.end === null) {
        if (!isAll) this.held = Buffer.from(rest.subarray(found.at));
        return;
      }
      const isAwaited = rest.subarray(found.at, found.end).equals(marker);
      rest = rest.subarray(found.end);
      if (isAwaited) this.pass(edge);
    }
  }

  private pass(edge: '-' | '+'): void {
    this.awaited = null;
    if (this.current === null) return;
    const { seq, listener } = this.current;
    if (edge === '+') {
      this.await(seq, '-');
      return;
    }
    this.abandon();
    listener.onEnd();
  }

  private await(seq: number, edge: '-' | '+'): void {
    this.awaited = { marker: outputMarker(this.nonce, seq, edge), edge };
  }
}

/** `-`: the end of a command's output; `+`: the end of what it left running may still say. */
export function outputMarker(nonce: string, seq: number, edge: '+' | '-'): Buffer {
  return Buffer.from(`\u0001${nonce} ${seq}${edge}\n`);
}

/** Of a marker, what follows the nonce: no number of commands has more digits. */
const markerTail = /^\d{1,12}[+-]\n/;
const maxTailLength = 14;

/** The first marker of any command; `end` is null when there is none, or only the beginning of one, at `at`. */
function findMarker(bytes: Buffer, prefix: Buffer): { readonly at: number; readonly end: number | null } {
  for (let at = bytes.indexOf(prefix); at !== -1; at = bytes.indexOf(prefix, at + 1)) {
    const tail = bytes.toString('latin1', at + prefix.length, at + prefix.length + maxTailLength);
    const match = markerTail.exec(tail);
    if (match !== null) return { at, end: at + prefix.length + match[0].length };
    if (/^\d{0,12}[+-]?$/.test(tail)) return { at, end: null };
  }
  return { at: bytes.length - partialPrefixLength(bytes, prefix), end: null };
}

/** How many bytes at the end of `bytes` could be the beginning of `prefix`. */
function partialPrefixLength(bytes: Buffer, prefix: Buffer): number {
  let at = bytes.indexOf(1, Math.max(0, bytes.length - prefix.length + 1));
  while (at !== -1) {
    const length = bytes.length - at;
    if (bytes.compare(prefix, 0, length, at) === 0) return length;
    at = bytes.indexOf(1, at + 1);
  }
  return 0;
}

export type ControlMessage =
  | { readonly kind: 'event'; readonly words: readonly string[] }
  | { readonly kind: 'dump'; readonly token: string; readonly body: Buffer };

const maxLineBytes = 64 * 1024;
const maxNoiseBytes = 2048;

/** Reads the supervisor's stderr. Everything that is not a frame is noise: kept (its end) as evidence. */
export class ControlReader {
  private buffer: Buffer = Buffer.alloc(0);
  private dumpToken: string | null = null;
  private noiseText = '';

  constructor(
    private readonly nonce: string,
    private readonly onMessage: (message: ControlMessage) => void,
  ) {}

  /** What else was written there, e.g. the shell's own error messages. */
  get noise(): string {
    return this.noiseText;
  }

  push(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    while (this.dumpToken === null ? this.takeLine() : this.takeDump(this.dumpToken));
  }

  private takeLine(): boolean {
    if (this.takeNoise()) return true;
    const end = this.buffer.indexOf(10);
    if (end === -1) {
      if (this.buffer.length > maxLineBytes) this.buffer = Buffer.alloc(0);
      return false;
    }
    const line = this.buffer.toString('latin1', 0, end);
    this.buffer = this.buffer.subarray(end + 1);
    this.readLine(line);
    return true;
  }

  /** Whole lines before the first byte that a frame could begin with, all at once: there may be millions. */
  private takeNoise(): boolean {
    const mark = this.buffer.indexOf(1);
    const end = (mark === -1 ? this.buffer : this.buffer.subarray(0, mark)).lastIndexOf(10) + 1;
    if (end === 0) return false;
    const kept = this.buffer.toString('latin1', Math.max(0, end - maxNoiseBytes), end);
    this.noiseText = `${this.noiseText}${kept}`.slice(-maxNoiseBytes);
    this.buffer = this.buffer.subarray(end);
    return true;
  }

  private readLine(line: string): void {
    const prefix = `\u0001${this.nonce} `;
    const at = line.lastIndexOf(prefix);
    if (at !== -1) {
      this.onMessage({ kind: 'event', words: line.slice(at + prefix.length).split(' ') });
      return;
    }
    const token = /\u0001([0-9a-f]+)\{$/.exec(line)?.[1];
    if (token === undefined) this.noiseText = `${this.noiseText}${line}\n`.slice(-maxNoiseBytes);
    else this.dumpToken = token;
  }

  private takeDump(token: string): boolean {
    const marker = Buffer.from(`\u0001${token}}\n`);
    const end = this.buffer.indexOf(marker);
    if (end !== -1) {
      const body = Buffer.from(this.buffer.subarray(0, end));
      this.buffer = this.buffer.subarray(end + marker.length);
      this.dumpToken = null;
      if (body.includes(`\u0001${this.nonce} `)) this.readTorn(body);
      else if (body.length <= maxStateBytes) this.onMessage({ kind: 'dump', token, body });
      return true;
    }
    return this.skipBrokenDump();
  }

  /** Reads the events that came in the middle of a dump too long to keep; the dump itself is dropped. */
  private readTorn(body: Buffer): void {
    for (const line of body.toString('latin1').split('\n'))
      if (line.includes(`\u0001${this.nonce} `)) this.readLine(line);
  }

  /** A shell killed while it dumped leaves half a dump; the waiter's `end` comes after it all the same. */
  private skipBrokenDump(): boolean {
    const next = this.buffer.lastIndexOf(`\u0001${this.nonce} end `);
    if (next !== -1 && this.buffer.indexOf(10, next) !== -1) {
      this.buffer = this.buffer.subarray(next);
      this.dumpToken = null;
      return true;
    }
    if (this.buffer.length > 2 * maxStateBytes) this.buffer = Buffer.from(this.buffer.subarray(-256));
    return false;
  }
}
