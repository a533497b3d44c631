import { jsonText, listOf, tableOf, textOf, type JsonTable } from '../../base/json-value.js';
import type { ToolCall } from '../chat-model.js';

interface PartialCall {
  readonly index: number | null;
  id: string | null;
  name: string;
  arguments: string;
  /** Of the arguments so far: read piece by piece, since a stream may have as many pieces as bytes. */
  shape: JsonShape;
}

/**
 * Puts the pieces of streamed tool calls together. vLLM numbers every piece; others number all calls 0, or number by
 * text, or not at all, and some give the id only with a later piece. So a piece begins a new call when it bears
 * an id that is not the call's, or a name although the call's arguments are whole already.
 */
export class CallCollector {
  private readonly calls: PartialCall[] = [];
  private readonly byId = new Map<string, PartialCall>();
  private readonly byIndex = new Map<number, PartialCall>();

  /** Takes the calls of one chunk. */
  add(pieces: readonly unknown[]): void {
    const inChunk = new Set<PartialCall>();
    for (const piece of listOf(pieces)) {
      const table = tableOf(piece) ?? {};
      const wanted = tableOf(table['function']) ?? {};
      const call = this.callFor(table, wanted, inChunk);
      inChunk.add(call);
      call.id ??= nonEmpty(table['id']);
      if (call.id !== null) this.byId.set(call.id, call);
      if (call.name === '') call.name = textOf(wanted['name']) ?? '';
      const more = argumentsOf(wanted['arguments']);
      call.arguments += more;
      call.shape = shapeAfter(call.shape, more);
    }
  }

  /** In the order of their numbers, those with the same one in the order they came in. Each has an id of its own, to be answered by. */
  result(): readonly ToolCall[] {
    const ids = new Set<string>();
    const ownId = (id: string | null, place: number): string => {
      const own = id === null || ids.has(id) ? `call_${place}` : id;
      ids.add(own);
      return own;
    };
    return this.calls
      .map((call, place) => ({ ...call, index: call.index ?? place }))
      .sort((a, b) => a.index - b.index)
      .map(({ id, name, arguments: text }, place) => ({
        id: ownId(id, place),
        name,
        arguments: text,
        recovered: false,
      }));
  }

  /** The call that a piece goes on with, or a new one. */
  private callFor(piece: JsonTable, wanted: JsonTable, inChunk: ReadonlySet<PartialCall>): PartialCall {
    const index = indexOf(piece['index']);
    const id = nonEmpty(piece['id']);
    const known = this.known(index, id);
    if (known !== undefined && !beginsAnother(known, { id, wanted, sameChunk: inChunk.has(known) }))
      return known;
    const call: PartialCall = { index, id: null, name: '', arguments: '', shape: emptyShape };
    this.calls.push(call);
    if (index !== null) this.byIndex.set(index, call);
    return call;
  }

  /** The last call with this id, else with this number; a piece without either goes on with the last call. */
  private known(index: number | null, id: string | null): PartialCall | undefined {
    const sameId = id === null ? undefined : this.byId.get(id);
    if (sameId !== undefined) return sameId;
    return index === null ? this.calls.at(-1) : this.byIndex.get(index);
  }
}

function beginsAnother(
  call: PartialCall,
  piece: { readonly id: string | null; readonly wanted: JsonTable; readonly sameChunk: boolean },
): boolean {
  if (piece.id !== null && call.id !== null && piece.id !== call.id) return true;
  if (nonEmpty(piece.wanted['name']) === null) return false;
  // Some servers give all calls one id: the next of them brings arguments of its own.
  if (piece.id !== null && piece.id === call.id)
    return isWhole(call.shape) && argumentsOf(piece.wanted['arguments']) !== '';
  // Some servers repeat the name with every piece, but not behind arguments that are whole.
  return isWhole(call.shape) || (piece.sameChunk && call.arguments !== '');
}

function isWhole({ depth, inString, isTable }: JsonShape): boolean {
  return isTable && depth === 0 && !inString;
}

function indexOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function nonEmpty(value: unknown): string | null {
  const text = textOf(value);
  return text === null || text === '' ? null : text;
}

/** Arguments as text; given as a value they are written as JSON, and what cannot be is no JSON either. */
function argumentsOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return jsonText(value) ?? 'nested too deep';
  return textOf(value) ?? '';
}

/** How far a JSON text has come that arrives in pieces. */
interface JsonShape {
  /** Lists and tables that are open. */
  readonly depth: number;
  readonly inString: boolean;
  /** The last character was a backslash that escapes the next one. */
  readonly isEscaped: boolean;
  /** A table has begun. */
  readonly isTable: boolean;
}

const emptyShape: JsonShape = { depth: 0, inString: false, isEscaped: false, isTable: false };

/** The shape after `more` has come: each character is looked at once. */
function shapeAfter(shape: JsonShape, more: string): JsonShape {
  let { depth, inString, isEscaped, isTable } = shape;
  for (let at = 0; at < more.length; at += 1) {
    const char = more[at];
    if (isEscaped) isEscaped = false;
    else if (inString && char === '\\') isEscaped = true;
    else if (char === '"') inString = !inString;
    else if (inString) continue;
    else if (char === '{' || char === '[') {
      isTable ||= char === '{';
      depth += 1;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return { depth, inString, isEscaped, isTable };
}
