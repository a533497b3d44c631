import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { findDivergence } from './divergence.js';
import { listOf, tableOf, textOf, type JsonTable } from '../../base/json-value.js';
import type { Divergence } from '../model-event.js';
import {
  chunksOf,
  completionOf,
  errorEnvelope,
  readJsonBody,
  sendEvent,
  sendJson,
  startEvents,
  type WireAnswer,
} from './openai-http.js';
import { findTrial, type RecordedAnswer, type RecordedTrial, type Recording } from './recording.js';
import { trialHeader, turnHeader } from '../wire/trial-headers.js';

export interface ReplayServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Name the server lists. */
  readonly model: string;
}

interface Place {
  readonly task: string;
  readonly attempt: number;
  readonly turn: number;
  readonly trial: RecordedTrial;
}

/**
 * Starts an OpenAI-compatible server on loopback that answers with recorded turns. Which trial and turn a
 * request belongs to is told by its headers, so the server keeps no state and a trial may start over.
 */
export async function startReplayServer(
  recording: Recording,
  options: { readonly onDivergence: (divergence: Divergence) => void },
): Promise<ReplayServer> {
  const model = recording.model ?? 'scripted';
  const routes = new ReplayRoutes(recording, model, options.onDivergence);
  const server = createServer((request, response) => {
    routes.handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    model,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class ReplayRoutes {
  constructor(
    private readonly recording: Recording,
    private readonly model: string,
    private readonly onDivergence: (divergence: Divergence) => void,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'GET /health':
        response.writeHead(200).end();
        return;
      case 'GET /v1/models':
        sendJson(response, 200, {
          object: 'list',
          data: [{ id: this.model, object: 'model', owned_by: 'tbench' }],
        });
        return;
      case 'POST /tokenize':
        await this.tokenize(request, response);
        return;
      case 'POST /v1/chat/completions':
        await this.chat(request, response);
        return;
      default:
        sendJson(response, 404, { detail: 'Not Found' });
    }
  }

  private async tokenize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readJsonBody(request)) ?? {};
    const place = this.find(request);
    if (typeof place === 'string') {
      sendJson(response, 404, errorEnvelope(404, 'NotFoundError', place));
      return;
    }
    sendJson(response, 200, { count: promptTokens(place, body) });
  }

  private async chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readJsonBody(request)) ?? {};
    const place = this.find(request);
    const recorded = typeof place === 'string' ? undefined : place.trial.turns[place.turn - 1];
    if (typeof place === 'string' || recorded === undefined) {
      const message = typeof place === 'string' ? place : this.overrun(place);
      sendJson(response, 400, errorEnvelope(400, 'RecordingError', message));
      return;
    }
    const { task, attempt, turn, trial } = place;
    const difference = findDivergence(trial, turn, contentsOf(body));
    if (difference !== null) this.onDivergence({ task, attempt, turn, ...difference });
    if (recorded.answer.kind === 'failure') {
      const { status, message } = recorded.answer;
      sendJson(response, status, errorEnvelope(status, 'BadRequestError', message));
      return;
    }
    const identity = { id: `replay-${task}-${attempt}-${turn}`, model: this.model };
    sendAnswer(response, wireAnswer(recorded.answer, place, body), {
      identity,
      streamed: body['stream'] === true,
    });
  }

  /** The place in the recording that a request asks for, or why there is none. */
  private find(request: IncomingMessage): Place | string {
    const [, encoded, number] = /^(.+)__(\d+)$/.exec(headerOf(request, trialHeader)) ?? [];
    const turn = Number(headerOf(request, turnHeader));
    if (encoded === undefined || number === undefined || !Number.isInteger(turn) || turn < 1) {
      return `a replay needs the headers ${trialHeader}: TASK__ATTEMPT and ${turnHeader}: N`;
    }
    const [task, attempt] = [decodeURIComponent(encoded), Number(number)];
    const trial = findTrial(this.recording, task, attempt);
    if (trial === null)
      return `${this.recording.source} has no recording of task ${task}, attempt ${attempt}`;
    return { task, attempt, turn, trial };
  }

  private overrun({ task, attempt, trial, turn }: Place): string {
    const { source } = this.recording;
    return `the recording of ${task}, attempt ${attempt} in ${source} ends after turn ${trial.turns.length}; turn ${turn} was asked for`;
  }
}

function sendAnswer(
  response: ServerResponse,
  answer: WireAnswer,
  { identity, streamed }: { identity: { id: string; model: string }; streamed: boolean },
): void {
  if (!streamed) {
    sendJson(response, 200, completionOf(answer, identity));
    return;
  }
  startEvents(response);
  for (const chunk of chunksOf(answer, identity)) sendEvent(response, chunk);
  sendEvent(response, '[DONE]');
  response.end();
}

function wireAnswer(answer: RecordedAnswer, place: Place, body: JsonTable): WireAnswer {
  const { thought, content, toolCalls, finishReason } = answer;
  const written = [thought?.text ?? '', content ?? '', ...toolCalls.map((call) => call.arguments)].join('');
  return {
    thought,
    content,
    toolCalls: toolCalls.map((call, index) => ({ ...call, id: call.id ?? `call_${place.turn}_${index}` })),
    finishReason,
    promptTokens: promptTokens(place, body),
    completionTokens: answer.completionTokens ?? estimate(written),
  };
}

/** Recorded where recorded; else an estimate, never less than what ended the recorded trial. */
function promptTokens({ trial, turn }: Place, body: JsonTable): number {
  const recorded = trial.turns[turn - 1];
  if (recorded?.answer.kind === 'answer' && recorded.answer.promptTokens !== null)
    return recorded.answer.promptTokens;
  const estimated = estimate(JSON.stringify([body['messages'], body['tools']]));
  return recorded === undefined ? Math.max(estimated, trial.overflowTokens ?? 0) : estimated;
}

/** A token is about four characters; only scripts, whose counts mean nothing, rely on it. */
function estimate(text: string): number {
  return Math.ceil(text.length / 4);
}

function contentsOf(body: JsonTable): readonly string[] {
  return listOf(body['messages']).map((message) => textOf(tableOf(message)?.['content']) ?? '');
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
