import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  chunksOf,
  completionOf,
  errorEnvelope,
  readJsonBody,
  sendEvent,
  sendJson,
  startEvents,
  type WireAnswer,
} from '../../../src/model/replay/openai-http.js';
import { renderPrompt, TemplateError, type TemplateMessage } from './chat-template.js';
import type { Fault } from './faults.js';
import { generate, type ModelReply, type ParserSettings } from './generate.js';
import { countTokens } from './toy-tokenizer.js';

export interface SeenRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>> & { readonly messages: readonly TemplateMessage[] };
  /** Prompt tokens of the request by this server's own template and tokenizer. */
  readonly promptTokens: number;
}

export interface FakeVllmOptions {
  readonly model: string;
  /** Where it listens; 0 picks a free port. */
  readonly port: number;
  readonly maxModelLen: number;
  /** 0.19 refuses a prompt whose max_tokens do not fit beside it; 0.32 answers with as many as do. */
  readonly era: '0.19' | '0.32';
  readonly reply: (request: SeenRequest) => ModelReply;
  readonly apiKey: string | null;
  /** False for a server without /tokenize, `silent` for one that never answers it. */
  readonly tokenizer: boolean | 'silent';
  /** False for a server that answers 400 to tools (no --enable-auto-tool-choice). */
  readonly toolChoice: boolean;
  readonly readsThoughts: boolean;
  /** How many characters a token of a prompt has; null: as the toy tokenizer cuts it. */
  readonly charactersAToken: number | null;
  readonly parsers: ParserSettings;
  /** Asked for every chat request; null lets it through. */
  readonly fault: (request: SeenRequest) => Fault | null;
}

const defaults: FakeVllmOptions = {
  model: 'qwen',
  port: 0,
  maxModelLen: 65_536,
  era: '0.32',
  reply: () => ({ content: 'hello' }),
  apiKey: null,
  tokenizer: true,
  toolChoice: true,
  readsThoughts: true,
  charactersAToken: null,
  parsers: { thoughtIn: 'reasoning', parsesCalls: true, hidesTruncation: false },
  fault: () => null,
};

/**
 * A stand-in for vLLM over real HTTP on loopback: the chat, tokenizer and monitoring endpoints with a scripted
 * model behind them, that counts tokens consistently and does wrong what it is told to.
 */
export class FakeVllm implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly metrics = { waiting: 0, kvUsage: 0, preemptions: 0, generated: 0, oldNames: false, present: true };
  /** What /health answers: 200, 503, nothing, or 404 as on servers that are not vLLM. */
  health: 'ok' | 'dead' | 'silent' | 'missing' = 'ok';
  running = 0;
  mostRunning = 0;
  private readonly injected: Fault[] = [];
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port: number;

  private constructor(private options: FakeVllmOptions) {
    this.port = options.port;
  }

  static async start(options: Partial<FakeVllmOptions> = {}): Promise<FakeVllm> {
    const fake = new FakeVllm({ ...defaults, ...options });
    await fake.listen();
    return fake;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Changes the server's settings while it runs. */
  change(options: Partial<FakeVllmOptions>): void {
    this.options = { ...this.options, ...options };
  }

  /** The next `times` chat requests fail in this way. */
  inject(fault: Fault, times = 1): void {
    for (let i = 0; i < times; i += 1) this.injected.push(fault);
  }

  /** Kills the server: sockets are reset, then connections are refused. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    for (const socket of this.sockets) socket.resetAndDestroy();
    server.close();
    await once(server, 'close');
  }

  /** Listens again on the same port. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const keyed = path.startsWith('/v1') && this.options.apiKey !== null;
    if (keyed && request.headers.authorization !== `Bearer ${this.options.apiKey ?? ''}`) {
      sendJson(response, 401, { error: 'Unauthorized' });
      return;
    }
    switch (`${request.method ?? ''} ${path}`) {
      case 'GET /health': {
        this.answerHealth(response);
        return;
      }
      case 'GET /version': {
        sendJson(response, 200, { version: this.options.era === '0.19' ? '0.19.1' : '0.32.0' });
        return;
      }
      case 'GET /metrics': {
        this.answerMetrics(response);
        return;
      }
      case 'GET /v1/models': {
        sendJson(response, 200, { object: 'list', data: [this.card()] });
        return;
      }
      case 'POST /tokenize':
        return this.tokenize(request, response);
      case 'POST /v1/chat/completions':
        return this.chat(request, response);
      default: {
        sendJson(response, 404, { detail: 'Not Found' });
        return;
      }
    }
  }

  private card(): Record<string, unknown> {
    const { model, maxModelLen } = this.options;
    return {
      id: model,
      object: 'model',
      owned_by: 'vllm',
      root: model,
      parent: null,
      max_model_len: maxModelLen,
    };
  }

  private answerHealth(response: ServerResponse): void {
    if (this.health === 'silent') return;
    response.writeHead({ ok: 200, dead: 503, missing: 404 }[this.health]).end();
  }

  private answerMetrics(response: ServerResponse): void {
    const { waiting, kvUsage, preemptions, generated, oldNames, present } = this.metrics;
    if (!present) {
      sendJson(response, 404, { detail: 'Not Found' });
      return;
    }
    const labels = `{engine="0",model_name="${this.options.model}"}`;
    const kvName = oldNames ? 'vllm:gpu_cache_usage_perc' : 'vllm:kv_cache_usage_perc';
    const lines = [
      '# HELP vllm:num_requests_running Number of requests in model execution batches.',
      '# TYPE vllm:num_requests_running gauge',
      `vllm:num_requests_running${labels} ${this.running}.0`,
      `vllm:num_requests_waiting${labels} ${waiting}.0`,
      `${kvName}${labels} ${kvUsage}`,
      `vllm:num_preemptions_total${labels} ${preemptions}.0`,
      `vllm:generation_tokens_total${labels} ${generated}.0`,
    ];
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(`${lines.join('\n')}\n`);
  }

  private async tokenize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.options.tokenizer === 'silent') return;
    if (!this.options.tokenizer) {
      sendJson(response, 404, { detail: 'Not Found' });
      return;
    }
    const body = await readJsonBody(request);
    if (typeof body?.['prompt'] === 'string') {
      sendJson(response, 200, { count: countTokens(body['prompt']), tokens: [] });
      return;
    }
    const seen = this.see(request, body);
    if (seen instanceof TemplateError) {
      sendJson(response, 400, errorEnvelope(400, 'BadRequestError', seen.message));
      return;
    }
    const tokens = Array.from({ length: seen.promptTokens }, (_, index) => index);
    sendJson(response, 200, { count: tokens.length, max_model_len: this.options.maxModelLen, tokens });
  }

  private async chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = this.see(request, await readJsonBody(request));
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    response.once('close', () => (this.running -= 1));
    if (seen instanceof TemplateError) {
      sendJson(response, 400, errorEnvelope(400, 'BadRequestError', seen.message));
      return;
    }
    this.requests.push(seen);
    const fault = this.injected.shift() ?? this.options.fault(seen);
    if (fault === null || !(await failEarly(fault, request, response))) {
      await this.answer(seen, response, fault);
    }
  }

  private async answer(seen: SeenRequest, response: ServerResponse, fault: Fault | null): Promise<void> {
    const refusal = this.refuse(seen);
    if (refusal !== null) {
      sendJson(response, 400, refusal);
      return;
    }
    const room = this.options.maxModelLen - seen.promptTokens;
    const maxTokens = Math.min(room, Number(seen.body['max_tokens'] ?? room));
    const generated: WireAnswer = {
      promptTokens: seen.promptTokens,
      ...generate(this.options.reply(seen), maxTokens, {
        ...this.options.parsers,
        thinking: thinks(seen.body),
      }),
    };
    // A tool parser takes calls out of the text whether or not tools were asked for, and then gives none.
    const hides = seen.body['tools'] === undefined && generated.toolCalls.length > 0;
    const answer = hides ? { ...generated, toolCalls: [], finishReason: 'stop' } : generated;
    const identity = { id: `chatcmpl-${this.requests.length}`, model: this.options.model };
    if (fault?.kind === 'whole') await sleep(fault.afterMs);
    if (seen.body['stream'] !== true || fault?.kind === 'whole') {
      sendJson(response, 200, completionOf(answer, identity));
      return;
    }
    startEvents(response);
    await stream(response, chunksOf(answer, identity), fault);
  }

  private refuse(seen: SeenRequest): Record<string, unknown> | null {
    const { model, maxModelLen, toolChoice } = this.options;
    if (seen.body['tools'] !== undefined && !toolChoice) {
      const text = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set';
      return errorEnvelope(400, 'BadRequestError', text);
    }
    if (seen.body['model'] !== model) {
      const aliases = this.options.era === '0.19' ? '' : ` Valid aliases: ${model}.`;
      const text = `The model \`${String(seen.body['model'])}\` does not exist.${aliases}`;
      return errorEnvelope(404, 'NotFoundError', text, 'model');
    }
    const wanted = Number(seen.body['max_tokens'] ?? 1);
    return this.options.era === '0.19'
      ? refuseSum(seen.promptTokens, wanted, maxModelLen)
      : refuseAlone(seen.promptTokens, wanted, maxModelLen);
  }

  private see(
    request: IncomingMessage,
    body: Readonly<Record<string, unknown>> | null,
  ): SeenRequest | TemplateError {
    const messages = (body?.['messages'] ?? []) as readonly TemplateMessage[];
    const tools = (body?.['tools'] ?? []) as readonly unknown[];
    try {
      const { readsThoughts, charactersAToken } = this.options;
      const prompt = renderPrompt(messages, { tools, readsThoughts, thinking: thinks(body ?? {}) });
      const promptTokens =
        charactersAToken === null ? countTokens(prompt) : Math.ceil(prompt.length / charactersAToken);
      return { headers: request.headers, body: { ...body, messages }, promptTokens };
    } catch (error) {
      if (error instanceof TemplateError) return error;
      throw error;
    }
  }
}

/** vLLM 0.19: prompt and answer together. */
function refuseSum(prompt: number, wanted: number, context: number): Record<string, unknown> | null {
  if (prompt + wanted <= context) return null;
  const least = context - wanted + 1;
  const text = `This model's maximum context length is ${context} tokens. However, you requested ${wanted} output tokens and your prompt contains at least ${least} input tokens. (parameter=input_tokens, value=${least})`;
  return errorEnvelope(400, 'BadRequestError', text, 'input_tokens');
}

/** vLLM 0.32, as recorded in test/fixtures/model-server-bodies.json: each for itself. */
function refuseAlone(prompt: number, wanted: number, context: number): Record<string, unknown> | null {
  const refusal = (text: string, param: string): Record<string, unknown> =>
    errorEnvelope(400, 'BadRequestError', text, param);
  if (wanted > context)
    return refusal(
      `max_tokens=${wanted} cannot be greater than max_model_len=${context}. Please request fewer output tokens. (parameter=max_tokens, value=${wanted})`,
      'max_tokens',
    );
  if (prompt === context)
    return refusal('max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)', 'max_tokens');
  if (prompt < context) return null;
  const least = context + 1;
  return refusal(
    `This model's maximum context length is ${context} tokens. However, your prompt contains at least ${least} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${least})`,
    'input_tokens',
  );
}

function thinks(body: Readonly<Record<string, unknown>>): boolean {
  const kwargs = body['chat_template_kwargs'] as { readonly enable_thinking?: boolean } | undefined;
  return kwargs?.enable_thinking !== false;
}

/** Faults that come before the answer. Returns true when the request has been dealt with. */
async function failEarly(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'status':
      response
        .writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
        .end(fault.body);
      return true;
    case 'hang-before':
      await once(response, 'close');
      return true;
    case 'hang-after-headers':
      startEvents(response);
      response.flushHeaders();
      await once(response, 'close');
      return true;
    case 'drop-before':
      request.socket.resetAndDestroy();
      return true;
    default:
      return false;
  }
}

async function stream(
  response: ServerResponse,
  chunks: readonly Readonly<Record<string, unknown>>[],
  fault: Fault | null,
): Promise<void> {
  const breakAt = fault !== null && 'afterChunks' in fault ? fault.afterChunks : Infinity;
  for (const [index, chunk] of chunks.entries()) {
    if (response.destroyed) return;
    if (index === Math.min(breakAt, chunks.length - 2)) {
      if (await breakStream(response, fault)) return;
    }
    if (fault?.kind === 'slow') await sleep(fault.msPerChunk);
    sendEvent(response, chunk);
  }
  sendEvent(response, '[DONE]');
  response.end();
}

/** Faults in the middle of a stream. Returns true when the stream is over. */
async function breakStream(response: ServerResponse, fault: Fault | null): Promise<boolean> {
  switch (fault?.kind) {
    case 'error-in-stream':
      response.end(`data: ${fault.body}\n\ndata: [DONE]\n\n`);
      return true;
    case 'hang-in-stream':
      await once(response, 'close');
      return true;
    case 'drop-in-stream':
      // What was written has to leave first, or the reset overtakes it.
      await sleep(5);
      response.socket?.resetAndDestroy();
      return true;
    case 'end-early':
      response.end();
      return true;
    case 'garbage-chunk':
      response.end('data: {"id": "cut off here\n\n');
      return true;
    default:
      return false;
  }
}
