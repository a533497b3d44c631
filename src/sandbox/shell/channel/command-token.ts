import { createHash } from 'node:crypto';

/** What delimits the state that a command dumps: no other connection, and no other command of this one, comes to the same. */
export function commandToken(
  nonce: string,
  { seq, command }: { readonly seq: number; readonly command: string },
): string {
  return createHash('sha256').update(`${nonce} ${seq} ${command}`).digest('hex').slice(0, 32);
}
