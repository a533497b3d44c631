import type { WireAnswer } from '../../../src/model/replay/openai-http.js';
import { renderCall } from './chat-template.js';
import { tokensOf } from './toy-tokenizer.js';

/** What the scripted model says in one turn, before the server's parsers see it. */
export interface ModelReply {
  readonly thought?: string;
  readonly content?: string;
  /** Short for one call of `bash`. */
  readonly command?: string;
  readonly calls?: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
  /** Raw text after the thought instead of content and calls, as the model would generate it. */
  readonly raw?: string;
}

export interface ParserSettings {
  /** Where `--reasoning-parser` puts a thought; `content` when the server has none. */
  readonly thoughtIn: 'reasoning' | 'reasoning_content' | 'content';
  /** False: served without --tool-call-parser's effect, calls stay in the text. */
  readonly parsesCalls: boolean;
  /** Versions that report a truncated call as `tool_calls`. */
  readonly hidesTruncation: boolean;
}

/** Generates at most `maxTokens` of the reply's text and runs the server's parsers over what came out. */
export function generate(
  reply: ModelReply,
  maxTokens: number,
  settings: ParserSettings & { readonly thinking: boolean },
): Omit<WireAnswer, 'promptTokens'> {
  const tokens = tokensOf(rawText(reply, settings.thinking));
  const truncated = tokens.length >= maxTokens;
  const text = tokens.slice(0, maxTokens).join('');
  const { thought, rest } = splitThought(text, settings.thinking ? settings.thoughtIn : 'content');
  const { content, calls } = settings.parsesCalls ? parseCalls(rest) : { content: rest, calls: [] };
  const whole = calls.length > 0 ? 'tool_calls' : 'stop';
  return {
    thought,
    content: content === '' ? null : content,
    toolCalls: calls,
    finishReason: truncated && !(settings.hidesTruncation && calls.length > 0) ? 'length' : whole,
    completionTokens: Math.min(tokens.length, maxTokens),
  };
}

function rawText(reply: ModelReply, thinking: boolean): string {
  const calls = reply.calls ?? (reply.command === undefined ? [] : [bash(reply.command)]);
  const body =
    reply.raw ??
    [reply.content ?? '', ...calls.map((call) => renderCall(call.name, call.arguments))]
      .filter((part) => part !== '')
      .join('\n\n');
  const thought = thinking ? `${reply.thought ?? ''}\n</think>\n\n` : '';
  return `${thought}${body}<|im_end|>`;
}

function bash(command: string): { name: string; arguments: { command: string } } {
  return { name: 'bash', arguments: { command } };
}

function splitThought(
  text: string,
  field: ParserSettings['thoughtIn'],
): { thought: WireAnswer['thought']; rest: string } {
  const clean = text.replace(/<\|im_end\|>$/, '');
  if (field === 'content') return { thought: null, rest: clean };
  const cut = clean.indexOf('</think>');
  if (cut === -1) return { thought: clean === '' ? null : { field, text: clean }, rest: '' };
  const thought = clean.slice(0, cut).replace(/\n$/, '');
  return {
    thought: thought === '' ? null : { field, text: thought },
    rest: clean.slice(cut + '</think>'.length).replace(/^\n+/, ''),
  };
}

/** As vLLM's coder parser: unclosed blocks are accepted, so a cut command arrives as a well-formed call. */
function parseCalls(text: string): { content: string; calls: WireAnswer['toolCalls'] } {
  const start = text.indexOf('<tool_call>');
  if (start === -1) return { content: text, calls: [] };
  const blocks = text.slice(start).split('<tool_call>').slice(1);
  const calls = blocks.flatMap((block, index) => {
    const name = /<function=([^>]+)>/.exec(block)?.[1];
    if (name === undefined) return [];
    const parameters = [...block.matchAll(/<parameter=([^>]+)>\n?([^]*?)(?:\n?<\/parameter>|$)/g)];
    const values = Object.fromEntries(parameters.map(([, key = '', value = '']) => [key, value]));
    return [{ id: `call_${String(index).padStart(24, '0')}`, name, arguments: JSON.stringify(values) }];
  });
  return { content: text.slice(0, start).replace(/\n+$/, ''), calls };
}
