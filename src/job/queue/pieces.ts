import { createHash } from 'node:crypto';
import { ResultsError } from '../../base/errors.js';
import { prefix } from './names.js';
import type { Archive } from './messages.js';

/** What pieces are written to and read from: the part of a Redis client that is used. */
export interface PieceStore {
  set(key: string, value: Buffer, expiry: 'EX', seconds: number): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  del(...keys: string[]): Promise<unknown>;
}

/** Redis answers nobody else while it takes a value: small enough for a millisecond or two. */
const pieceBytes = 512 * 1024;
/** What nobody fetched is gone after a week. */
const keptSeconds = 7 * 24 * 3600;

/** Writes bytes under a key, piece by piece, and says how to read them. Writing the same key again replaces it. */
export async function putPieces(store: PieceStore, key: string, content: Buffer): Promise<Archive> {
  const pieces = Math.ceil(content.length / pieceBytes);
  for (let piece = 0; piece < pieces; piece += 1)
    await store.set(
      pieceKey(key, piece),
      content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes),
      'EX',
      keptSeconds,
    );
  return { key, pieces, bytes: content.length, sha256: sha256(content) };
}

/**
 * Reads them back; null when a piece is gone. Throws `ResultsError` when the archive is larger than allowed, or is not what was
 * written.
 */
export async function takePieces(
  store: PieceStore,
  archive: Archive,
  maxBytes: number,
): Promise<Buffer | null> {
  const { key, pieces, bytes } = archive;
  if (bytes > maxBytes || pieces !== Math.ceil(bytes / pieceBytes))
    throw new ResultsError(
      `archive ${key} of ${bytes} bytes is larger than ${maxBytes} or no archive of tbench`,
    );
  const parts: Buffer[] = [];
  for (let piece = 0; piece < pieces; piece += 1) {
    const part = await store.getBuffer(pieceKey(key, piece));
    if (part === null) return null;
    if (part.length > pieceBytes) throw new ResultsError(`a piece of archive ${key} is too large`);
    parts.push(part);
  }
  const content = Buffer.concat(parts);
  if (content.length !== bytes || sha256(content) !== archive.sha256)
    throw new ResultsError(`archive ${key} is not what was sent`);
  return content;
}

export async function dropPieces(store: PieceStore, { key, pieces }: Archive): Promise<void> {
  for (let piece = 0; piece < pieces; piece += 1) await store.del(pieceKey(key, piece));
}

function pieceKey(key: string, piece: number): string {
  return `${prefix}:pieces:${key}:${piece}`;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
