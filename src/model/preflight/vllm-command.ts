import { quoteForShell } from '../../base/shell/shell-quote.js';

export interface ServeRequest {
  /** Repository name or local path. */
  readonly model: string;
  /** Branch, tag or commit of the repository, such as a checkpoint's `step_20`. */
  readonly revision?: string;
  /** The name it is served under when not the model's own. */
  readonly servedName?: string;
  /** Where it listens. vLLM's own default is every interface, where agents and neighbours reach it. */
  readonly host: string;
  readonly port: number;
  readonly maxModelLen: number;
  /** Null picks one by the model's name; false serves without, for a harness that takes commands from text. */
  readonly toolCallParser: string | null | false;
  /** Null serves without: thoughts stay in the content, as in the published evaluation. */
  readonly reasoningParser: string | null;
  /** Passed on to vLLM as they are. */
  readonly extra: readonly string[];
}

export const defaultServeRequest: Omit<ServeRequest, 'model'> = {
  host: '127.0.0.1',
  port: 8000,
  maxModelLen: 65_536,
  toolCallParser: null,
  reasoningParser: null,
  extra: [],
};

/** The name a model is served under: a checkpoint is another model, and its results must not mix with others. */
export function servedName({
  model,
  revision,
  servedName,
}: Pick<ServeRequest, 'model' | 'revision' | 'servedName'>): string {
  if (servedName !== undefined) return servedName;
  return revision === undefined ? model : `${model}@${revision}`;
}

/** The vLLM command for a model with the flags that tbench's harness files rely on. Pure. */
export function vllmCommand(request: ServeRequest): readonly string[] {
  const { model, revision, reasoningParser } = request;
  return [
    'vllm',
    'serve',
    model,
    ...(revision === undefined ? [] : ['--revision', revision, '--tokenizer-revision', revision]),
    '--served-model-name',
    servedName(request),
    '--host',
    request.host,
    '--port',
    String(request.port),
    '--max-model-len',
    String(request.maxModelLen),
    ...toolFlags(request),
    ...(reasoningParser === null ? [] : ['--reasoning-parser', reasoningParser]),
    '--enable-prefix-caching',
    '--enable-prompt-tokens-details',
    ...request.extra,
  ];
}

function toolFlags({ model, toolCallParser }: ServeRequest): readonly string[] {
  if (toolCallParser === false) return [];
  return ['--enable-auto-tool-choice', '--tool-call-parser', toolCallParser ?? toolCallParserFor(model)];
}

/**
 * Two lines for a POSIX shell that start such a server with a key: the one in `OPENAI_API_KEY`, which `tbench run` in the same
 * shell then sends, or else a new one. It goes through the environment, so that it is in no argument list and
 * no text of ours.
 */
export function serveLines(request: ServeRequest): string {
  return `export OPENAI_API_KEY="\${OPENAI_API_KEY:-$(openssl rand -hex 24)}"\nVLLM_API_KEY="$OPENAI_API_KEY" ${shellLine(vllmCommand(request))}`;
}

/** The tool call parser for a model, by its name: Hermes for Qwen2.5 and Qwen3, Qwen's XML for what came after. */
export function toolCallParserFor(model: string): string {
  const name = model.toLowerCase();
  if (/qwen-?(2|2\.5|2_5|25|3)(-|$)/.test(name) && !name.includes('coder')) return 'hermes';
  if (/hermes/.test(name)) return 'hermes';
  if (/llama-?3/.test(name)) return 'llama3_json';
  if (/mistral|devstral/.test(name)) return 'mistral';
  return 'qwen3_xml';
}

/** A command as a line that a POSIX shell reads back. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoteForShell(word))).join(' ');
}
