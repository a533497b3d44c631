const longestPathBytes = 1024;
const longestNameBytes = 255;
const deepestPath = 64;

/** A place below the target folder, or why there is none for this entry. */
export type SafeName =
  | { readonly kind: 'safe'; readonly parts: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Where an archive's entry may go below a folder of the host: never out of it. Control and format characters (direction
 * overrides among them), `\`, `%` and what was not UTF-8 come out percent-encoded, so that a name is safe to print and
 * to copy to any file system.
 */
export function safeName(name: string): SafeName {
  if (name.startsWith('/')) return refused('absolute name');
  if (Buffer.byteLength(name) > longestPathBytes)
    return refused(`name longer than ${longestPathBytes} bytes`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refused('leaves its folder');
  if (parts.length > deepestPath) return refused(`deeper than ${deepestPath} folders`);
  const encoded = parts.map(encodeName);
  if (encoded.some((part) => Buffer.byteLength(part) > longestNameBytes)) {
    return refused(`name longer than ${longestNameBytes} bytes`);
  }
  return { kind: 'safe', parts: encoded };
}

/** The same for two names that some file system would take for one. */
export function collisionKey(parts: readonly string[]): string {
  return parts.join('/').normalize('NFC').toLowerCase();
}

/** One name, readable on any terminal and valid on any file system. */
export function encodeName(part: string): string {
  return part.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029%\\:*?"<>|\ufffd]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** The name that `encodeName` was given. */
export function decodeName(encoded: string): string {
  return encoded.replaceAll(/(?:%[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
  );
}

function refused(reason: string): SafeName {
  return { kind: 'refused', reason };
}
