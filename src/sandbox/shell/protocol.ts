/**
 * The numbers that the supervisor in the sandbox and the host must agree on. The supervisor gets them as arguments (see
 * supervisor.ts), so they stand only here.
 */

/** Characters of a header, newline included: bash reads text of a known length in one piece, and else byte by byte. */
export const headerLength = 64;

/** The descriptor of a waiter in which a shell leaves its state (see supervisor/README.md, "note"). */
export const noteDescriptor = 9;

/** A shell's state that is larger than this is thrown away: the state from before stays. */
export const maxStateBytes = 1024 * 1024;

/** The supervisor's descriptors for what a later host may need: its ledger, and the output of the command under way. */
export const ledgerDescriptor = 6;
export const keptDescriptor = 7;

/** KiB of a command's output that are kept for a later host. A command that prints more cannot be taken over. */
export const maxKeptKib = 1024;

/** What a note may hold: a state and what frames it. */
export const maxNoteBytes = maxStateBytes + 4096;

/**
 * Commands are marked by a soft limit of their resident memory, which children inherit and Linux enforces for nobody: this
 * number of KiB, far above any machine's memory, plus the command's own number.
 */
export const markBase = 2 ** 42;

/** The statement with which a shell marks itself and all that it starts as command `seq`. */
export function markStatement(seq: number): string {
  return `ulimit -S -m ${markBase + seq} 2>/dev/null`;
}

/** One header for the supervisor. */
export function header(words: string): string {
  return `${words.padEnd(headerLength - 1)}\n`;
}
