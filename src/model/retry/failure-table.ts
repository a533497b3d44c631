import type { FailureClass } from '../chat-model.js';
import type { FailureFacts } from '../wire/request-failure.js';

/** A failure reduced to what the rules look at. */
export interface Symptoms {
  readonly kind: FailureFacts['kind'];
  /** HTTP status, or the code an error object inside a stream carries (500 when it carries none). */
  readonly status: number | null;
  /** Node's error code of a broken connection. */
  readonly code: string | null;
  readonly param: string | null;
  readonly text: string;
  readonly emptyBody: boolean;
}

export interface Rule {
  readonly name: string;
  readonly class: FailureClass;
  /** Ask /health before the request is repeated: this failure is also what a dying server looks like. */
  readonly askHealth?: true;
  readonly hint?: string;
  readonly matches: (symptoms: Symptoms) => boolean;
}

const status =
  (...wanted: readonly number[]) =>
  ({ status }: Symptoms): boolean =>
    status !== null && wanted.includes(status);
const says =
  (pattern: RegExp) =>
  ({ text }: Symptoms): boolean =>
    pattern.test(text);
const between =
  (low: number, high: number) =>
  ({ status }: Symptoms): boolean =>
    status !== null && status >= low && status <= high;

/** Every wording of "prompt + max_tokens does not fit" seen since early 2025, and llama.cpp's. */
const contextText = new RegExp(
  [
    'maximum context length is',
    'context length is only',
    'is too large: -?\\d+',
    'max_tokens must be at least 1',
    'prompt contains (at least )?\\d+ (characters|input tokens)',
    'longer than the maximum model length',
    "exceeds? (the |model's )?(available |maximum )?context (window|length|size)",
  ].join('|'),
  'i',
);

const unreachableCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
];
const certificateCodes = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

/**
 * The one table of what can go wrong with a model server; the first rule that matches decides. The last rule
 * matches everything. docs/model-server.md shows it to users and is tested against it.
 */
export const rules: readonly Rule[] = [
  {
    name: 'context-length',
    class: 'context',
    matches: (symptoms) =>
      status(400, 413, 422, 500)(symptoms) &&
      (contextText.test(symptoms.text) || symptoms.param === 'input_tokens'),
  },
  {
    name: 'engine-dead',
    class: 'server-down',
    matches: (symptoms) =>
      between(500, 599)(symptoms) &&
      /EngineCore encountered|EngineDead|engine (is|process) (is )?dead|background loop has errored/i.test(
        symptoms.text,
      ),
  },
  {
    name: 'empty-500',
    class: 'server-down',
    matches: (symptoms) => symptoms.kind === 'status' && status(500)(symptoms) && symptoms.emptyBody,
  },
  {
    name: 'unreachable',
    class: 'server-down',
    hint: 'Is the server running? `tbench serve MODEL` prints the command that starts one.',
    matches: ({ code }) => code !== null && unreachableCodes.includes(code),
  },
  {
    name: 'certificate',
    class: 'permanent',
    hint: 'The TLS handshake failed: check http or https in --base-url, and NODE_EXTRA_CA_CERTS for a private authority.',
    matches: ({ kind, code }) => kind === 'connection' && code !== null && certificateCodes.test(code),
  },
  {
    name: 'connection-lost',
    class: 'transient',
    askHealth: true,
    matches: ({ kind }) => kind === 'connection',
  },
  { name: 'idle', class: 'transient', askHealth: true, matches: ({ kind }) => kind === 'idle' },
  { name: 'broken-stream', class: 'transient', askHealth: true, matches: ({ kind }) => kind === 'protocol' },
  {
    name: 'bad-key',
    class: 'permanent',
    hint: 'Set OPENAI_API_KEY to the key the server was started with (--api-key).',
    matches: status(401, 403),
  },
  {
    name: 'unknown-model',
    class: 'permanent',
    hint: 'Give --model a name that GET /v1/models lists, or start the server with --served-model-name.',
    matches: (symptoms) =>
      status(404)(symptoms) && (symptoms.param === 'model' || says(/does not exist/i)(symptoms)),
  },
  {
    name: 'wrong-path',
    class: 'permanent',
    hint: 'Is --base-url right? It usually ends in /v1.',
    matches: (symptoms) => status(404, 405)(symptoms) || between(300, 399)(symptoms),
  },
  {
    name: 'no-tool-parser',
    class: 'permanent',
    hint: 'Start vLLM with --enable-auto-tool-choice --tool-call-parser qwen3_xml (hermes for Qwen3 and older).',
    matches: says(/--enable-auto-tool-choice|tool.?call.?parser to be set/i),
  },
  {
    name: 'history-json',
    class: 'permanent',
    matches: (symptoms) =>
      status(400)(symptoms) &&
      says(
        /Expecting ('|property name|value)|Unterminated string|Invalid \\|Extra data:|Invalid control character/,
      )(symptoms),
  },
  {
    name: 'chat-template',
    class: 'permanent',
    hint: "The model's chat template refused the conversation.",
    matches: (symptoms) =>
      status(400)(symptoms) &&
      says(/No user query found|System message must be at the beginning|template/i)(symptoms),
  },
  {
    name: 'max-tokens',
    class: 'permanent',
    hint: "A turn asks for more tokens than the server's whole context: lower budget.turn_tokens, or start the server with a longer context (--max-model-len).",
    matches: says(/max_tokens=\d+ cannot be greater than/i),
  },
  {
    name: 'bad-tools',
    class: 'permanent',
    hint: "llama.cpp could not read the harness's tool definition, and says so with a 500.",
    matches: says(/Failed to parse tools/i),
  },
  { name: 'rate-limit', class: 'transient', matches: status(429) },
  { name: 'unavailable', class: 'transient', askHealth: true, matches: status(503) },
  { name: 'gateway', class: 'transient', askHealth: true, matches: status(502, 504) },
  { name: 'try-again', class: 'transient', matches: status(408, 409, 425) },
  { name: 'server-error', class: 'transient', askHealth: true, matches: between(500, 599) },
  { name: 'bad-request', class: 'permanent', matches: () => true },
];
