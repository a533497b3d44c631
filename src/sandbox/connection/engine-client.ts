import { Agent } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import Docker from 'dockerode';
import type { z } from 'zod';
import { sleep } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { HijackAgent } from './hijack-agent.js';
import { EngineCallError, engineError, type EngineFailure } from './engine-error.js';

/** One request to the engine's Docker-compatible API. */
export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without a query string. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is (a tar). */
  readonly file?: Buffer | Readable;
  readonly registryAuth?: object;
  readonly signal?: AbortSignal | undefined;
  /** What the call does, to complete `cannot ...`: `create the container for trial x`. */
  readonly what: string;
}

interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly options?: object | undefined;
  readonly file?: Buffer | Readable | undefined;
  readonly authconfig?: object | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly statusCodes: Readonly<Record<number, true>>;
}

type Dial = (options: DialOptions, callback: (error: EngineFailure | null, result: unknown) => void) => void;

const success: Readonly<Record<number, true>> = { 101: true, 200: true, 201: true, 204: true, 304: true };

/** How often a call that only looks is made when what it goes through was changed meanwhile. */
const mostLooks = 5;
const betweenLooksMs = 200;

/** How to reach the engine, as dockerode takes it (`socketPath`, or `host`, `port`, `protocol` and TLS files). */
export type EngineAddress = Docker.DockerOptions;

/**
 * dockerode's transport, typed. Its own methods are not used: `attach` cannot be called without its options, or the end
 * of an empty body, arriving as the container's input, and a method hides whether its call may be repeated. Measured in
 * docs/decisions/dockerode.md.
 */
export class EngineClient {
  private readonly dial: Dial;
  private readonly dialRaw: Dial;
  /** null where the connection is encrypted. */
  private readonly hijackAgent: HijackAgent | null;

  /** `revive` brings back a service that is gone, or waits until it is; without it a lost service is an error. */
  constructor(
    address: EngineAddress,
    private readonly revive: ((signal?: AbortSignal) => Promise<void>) | null = null,
  ) {
    // No keep-alive: an idle connection outlives a restart of the service and fails the next call.
    const isPlain = address.protocol === undefined;
    this.dial = dialer({ ...address, ...(isPlain ? { agent: new Agent({ keepAlive: false }) } : {}) });
    this.hijackAgent = address.socketPath === undefined ? null : new HijackAgent();
    this.dialRaw = this.hijackAgent === null ? this.dial : dialer({ ...address, agent: this.hijackAgent });
  }

  /** Sends the call and checks the JSON answer. */
  async json<T>(call: EngineCall, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.send(call);
    // The modem hands out the bytes of an answer that is null: podman's list of no changes.
    const isNull = Buffer.isBuffer(answer) && answer.toString('utf8').trim() === 'null';
    const parsed = schema.safeParse(isNull ? null : answer);
    if (parsed.success) return parsed.data;
    throw new SandboxError(`cannot ${call.what}: the engine's answer is not understood`, {
      cause: parsed.error,
    });
  }

  /**
   * Sends the call for its effect. When the service is gone it is revived and the call repeated: any call that never
   * reached it, else only those that may happen twice.
   */
  async send(call: EngineCall, transport: Partial<DialOptions> = {}): Promise<unknown> {
    try {
      return await this.sendLooked(call, transport);
    } catch (error) {
      if (this.revive === null || !(error instanceof EngineCallError) || !isRepeatable(call, error))
        throw error;
      await this.revive(call.signal);
      return this.sendOnce(call, transport);
    }
  }

  /** Repeats a look that met an image which somebody removed meanwhile: podman goes through all images for one, and gives up there. */
  private async sendLooked(call: EngineCall, transport: Partial<DialOptions>): Promise<unknown> {
    for (let left = mostLooks - 1; ; left -= 1)
      try {
        return await this.sendOnce(call, transport);
      } catch (error) {
        const isTorn =
          error instanceof EngineCallError &&
          error.status === 500 &&
          /locating image with ID/.test(error.said);
        if (call.method !== 'GET' || !isTorn || left === 0) throw error;
        await sleep(betweenLooksMs, call.signal);
      }
  }

  private async sendOnce(call: EngineCall, transport: Partial<DialOptions>): Promise<unknown> {
    call.signal?.throwIfAborted();
    const hasOptions = call.query !== undefined || call.body !== undefined;
    const options = { _query: call.query ?? {}, ...(call.body === undefined ? {} : { _body: call.body }) };
    try {
      return await new Promise<unknown>((resolve, reject) => {
        const dial = transport.hijack === true ? this.dialRaw : this.dial;
        dial(
          {
            // The modem appends the query to a path that ends in '?', and cuts the last character when there is none.
            path: `${call.path}?`,
            method: call.method,
            options: hasOptions ? options : undefined,
            file: call.file,
            authconfig: call.registryAuth,
            abortSignal: call.signal,
            statusCodes: success,
            ...transport,
          },
          (error, result) => (error === null ? resolve(result) : reject(error)),
        );
      });
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason;
      throw engineError(error as EngineFailure, call.what);
    }
  }

  /** The answer's body as a stream. Destroy it when it is not read to its end. */
  async stream(call: EngineCall): Promise<Readable> {
    return (await this.send(call, { isStream: true })) as Readable;
  }

  /**
   * Turns the connection into a raw two-way stream (attach, exec). The body is sent ahead of it. The signal only
   * guards the start: the stream outlives it. What its `data` listener gets is valid only during the call.
   */
  async hijack(call: EngineCall): Promise<Duplex> {
    const { body, signal, ...rest } = call;
    signal?.throwIfAborted();
    const file = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const headers = { 'Content-Type': 'application/json' };
    const stream = await this.send({ ...rest, file }, { isStream: true, hijack: true, headers });
    if (stream instanceof Socket) this.hijackAgent?.markRaw(stream);
    return stream as Duplex;
  }
}

function dialer(options: EngineAddress & { readonly agent?: Agent }): Dial {
  const modem = new Docker(options).modem as { dial: Dial };
  return modem.dial.bind(modem);
}

function isRepeatable(call: EngineCall, error: EngineCallError): boolean {
  if (!error.isUnreachable || (call.file !== undefined && !Buffer.isBuffer(call.file))) return false;
  return error.neverSent || call.method === 'GET' || call.method === 'HEAD' || call.method === 'DELETE';
}
