import type { FileHandle } from 'node:fs/promises';
import { openForeignFile } from '../../base/foreign-file.js';
import {
  indexJournal,
  journalTurns,
  openingOf,
  readJournalEntry,
  readJournalTurn,
  type JournalIndex,
} from './journal-turns.js';
import { openEpisodes } from './episode-turns.js';
import { indexMessages, readMessageTurn, readOpening } from './message-turns.js';
import { scanArray, startArrayScan, type ArrayScan } from './scan-array.js';
import type { Turn, Turns } from './turn.js';

/** Where a conversation may lie: `root` is the user's, `files` are relative to it, the first that is there is read. */
export interface TurnPlaces {
  readonly root: string;
  readonly journal: string | null;
  readonly documents: readonly string[];
  /** Folders that may hold Terminus's episodes, looked into where nothing else is. */
  readonly episodes: readonly string[];
}

/** Indexes of conversations by path, so that a page of a long one does not scan it again. */
export type TurnCache = Map<string, CachedTurns>;
interface CachedTurns {
  readonly version: string;
  readonly journal: JournalIndex | null;
  readonly scan: ArrayScan | null;
}

const mostCached = 32;
/** What of a document is always indexed; a longer one as far as it is asked for. */
const firstBytes = 16 * 1024 * 1024;

/** Opens the conversation of a trial, `upTo` turns of it at least. Null where none is recorded in a form that is read. */
export async function openTurns(
  places: TurnPlaces,
  { cache = new Map(), upTo = 0 }: { readonly cache?: TurnCache; readonly upTo?: number } = {},
): Promise<Turns | null> {
  const { root, journal, documents, episodes } = places;
  for (const file of [...(journal === null ? [] : [journal]), ...documents]) {
    const opened = await openForeignFile(root, file);
    if (opened.kind !== 'file') continue;
    await using handle = opened.value;
    const { size, mtimeMs, ino } = await handle.stat();
    const version = `${ino} ${size} ${mtimeMs}`;
    const key = `${root}\n${file}`;
    const known = cache.get(key);
    const index = file === journal ? await indexJournal(handle, size, known?.journal ?? undefined) : null;
    const scan =
      index === null
        ? await indexDocument(handle, size, { upTo, earlier: known?.version === version ? known.scan : null })
        : null;
    cache.delete(key);
    cache.set(key, { version, journal: index, scan });
    for (const oldest of [...cache.keys()].slice(0, Math.max(0, cache.size - mostCached)))
      cache.delete(oldest);
    const at = { root, file };
    const turns =
      index !== null
        ? await openJournalTurns(handle, index, at)
        : scan !== null
          ? await openDocument(handle, { size, scan }, at)
          : null;
    if (turns !== null) return turns;
  }
  for (const folder of episodes) {
    const turns = await openEpisodes(root, folder);
    if (turns !== null) return turns;
  }
  return null;
}

async function indexDocument(
  handle: FileHandle,
  size: number,
  { upTo, earlier }: { readonly upTo: number; readonly earlier: ArrayScan | null },
): Promise<ArrayScan> {
  const scan = earlier ?? startArrayScan();
  await scanArray(handle, scan, { toByte: Math.min(size, firstBytes), isEnough: () => false });
  await scanArray(handle, scan, {
    toByte: size,
    isEnough: (elements) => indexMessages(elements).turns.length > upTo,
  });
  return scan;
}

interface At {
  readonly root: string;
  readonly file: string;
}

async function openJournalTurns(handle: FileHandle, index: JournalIndex, at: At): Promise<Turns | null> {
  const start = await readJournalEntry(handle, index, 'start');
  if (start === null) return null;
  const turns = journalTurns(index);
  const failure = await readJournalEntry(handle, index, 'failure');
  return {
    file: at.file,
    opening: openingOf(start),
    sizes: turns.map(({ reply, result }) => length(reply) + (result === null ? 0 : length(result))),
    unseenBytes: 0,
    limits: { totalTokens: start.budget?.total_tokens ?? null, maxTurns: start.max_turns },
    failure: failure?.message ?? null,
    read: (first, count) =>
      withFile(at, async (file) => {
        const some: Turn[] = [];
        for (const turn of turns.slice(first, first + count)) {
          const read = await readJournalTurn(file, turn);
          if (read !== null) some.push(read);
        }
        return some;
      }),
  };
}

async function openDocument(
  handle: FileHandle,
  { size, scan }: { readonly size: number; readonly scan: ArrayScan },
  at: At,
): Promise<Turns | null> {
  const index = indexMessages(scan.elements);
  if (index.turns.length === 0 && index.opening.length === 0) return null;
  return {
    file: at.file,
    opening: await readOpening(handle, index),
    sizes: index.turns.map((records) => records.reduce((sum, record) => sum + length(record), 0)),
    unseenBytes: size - scan.at,
    limits: { totalTokens: null, maxTurns: null },
    failure: null,
    read: (first, count) =>
      withFile(at, async (file) => {
        const some: Turn[] = [];
        const last = Math.min(first + count, index.turns.length);
        for (let position = first; position < last; position += 1)
          some.push(await readMessageTurn(file, index, position));
        return some;
      }),
  };
}

function length({ start, end }: { readonly start: number; readonly end: number }): number {
  return end - start;
}

async function withFile(at: At, read: (handle: FileHandle) => Promise<Turn[]>): Promise<Turn[]> {
  const opened = await openForeignFile(at.root, at.file);
  if (opened.kind !== 'file') return [];
  await using handle = opened.value;
  return await read(handle);
}
