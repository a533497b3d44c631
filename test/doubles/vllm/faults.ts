/** What a stand-in server does wrong with one request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Error object as a chunk of a stream that began well. */
  | { readonly kind: 'error-in-stream'; readonly body: string; readonly afterChunks: number }
  /** The request is read and never answered. */
  | { readonly kind: 'hang-before' }
  /** One document, when all of it is written: a server that does not stream. */
  | { readonly kind: 'whole'; readonly afterMs: number }
  | { readonly kind: 'hang-after-headers' }
  | { readonly kind: 'hang-in-stream'; readonly afterChunks: number }
  | { readonly kind: 'slow'; readonly msPerChunk: number }
  | { readonly kind: 'drop-before' }
  | { readonly kind: 'drop-in-stream'; readonly afterChunks: number }
  /** The stream is closed properly, but without a finish reason. */
  | { readonly kind: 'end-early'; readonly afterChunks: number }
  | { readonly kind: 'garbage-chunk' };

const error = (status: number, type: string, message: string, param: string | null = null): string =>
  JSON.stringify({ error: { message, type, param, code: status } });
const oldError = (status: number, type: string, message: string): string =>
  JSON.stringify({ object: 'error', message, type, param: null, code: status });
const answer = (status: number, body: string, headers?: Record<string, string>): Fault => ({
  kind: 'status',
  status,
  body,
  ...(headers === undefined ? {} : { headers }),
});

/** Overrun of the context in the words of each era; 65,536 served, 50,000 sent, 16,384 asked for. */
export const contextErrors: Readonly<Record<string, Fault>> = {
  'early 2025': answer(
    400,
    oldError(
      400,
      'BadRequestError',
      "This model's maximum context length is 65536 tokens. However, you requested 66384 tokens (50000 in the messages, 16384 in the completion). Please reduce the length of the messages or completion.",
    ),
  ),
  'mid 2025': answer(
    400,
    error(
      400,
      'BadRequestError',
      "'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 65536 tokens and your request has 50000 input tokens (16384 > 65536 - 50000).",
    ),
  ),
  'January 2026': answer(
    400,
    error(
      400,
      'BadRequestError',
      "You passed 50000 input tokens and requested 16384 output tokens. However, the model's context length is only 65536 tokens, resulting in a maximum input length of 49152 tokens. Please reduce the length of the input prompt.",
    ),
  ),
  'renderer based': answer(
    400,
    error(
      400,
      'BadRequestError',
      "This model's maximum context length is 65536 tokens. However, you requested 16384 output tokens and your prompt contains at least 49153 input tokens, for a total of at least 65537 tokens. (parameter=input_tokens, value=49153)",
      'input_tokens',
    ),
  ),
  'prompt alone': answer(400, error(400, 'BadRequestError', 'max_tokens must be at least 1, got -10.')),
  characters: answer(
    400,
    error(400, 'BadRequestError', 'Your prompt contains 900000 characters, more than 65536 tokens can hold.'),
  ),
  'llama.cpp': answer(
    400,
    error(
      400,
      'invalid_request_error',
      'the request exceeds the available context size. try increasing the context size',
    ),
  ),
};

export const permanentErrors: Readonly<Record<string, Fault>> = {
  'unknown model': answer(404, error(404, 'NotFoundError', 'The model `qwen` does not exist.', 'model')),
  'unknown model, old envelope': answer(
    404,
    oldError(404, 'NotFoundError', 'The model `qwen` does not exist.'),
  ),
  'no tool parser': answer(
    400,
    error(
      400,
      'BadRequestError',
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ),
  ),
  'bad history JSON': answer(
    400,
    error(400, 'BadRequestError', "Expecting ',' delimiter: line 1 column 30 (char 29)"),
  ),
  'template raise': answer(400, error(400, 'BadRequestError', 'No user query found in messages.')),
  'schema invalid': answer(
    400,
    error(400, 'Bad Request', "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]"),
  ),
  'bad key': answer(401, JSON.stringify({ error: 'Unauthorized' })),
  'wrong path': answer(404, JSON.stringify({ detail: 'Not Found' })),
};

export const transientErrors: Readonly<Record<string, Fault>> = {
  'generation failure': answer(500, error(500, 'InternalServerError', 'Internal server error')),
  'too many requests': answer(429, error(429, 'TooManyRequests', 'Too many requests'), {
    'retry-after': '0',
  }),
  'queue full, 0.19': answer(503, error(503, 'ServiceUnavailableError', 'The request queue is full'), {
    'retry-after': '0',
  }),
  // 0.32 says nothing of when to come back.
  'queue full': answer(
    503,
    error(
      503,
      'Service Unavailable',
      'The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.',
    ),
  ),
  'bad gateway': answer(502, '<html><body>502 Bad Gateway</body></html>'),
  'gateway timeout': answer(504, ''),
};

export const engineDeadErrors: Readonly<Record<string, Fault>> = {
  'engine dead': answer(
    500,
    error(
      500,
      'InternalServerError',
      'EngineCore encountered an issue. See stack trace (above) for the root cause.',
    ),
  ),
  'engine dead, old envelope': answer(
    500,
    oldError(
      500,
      'Internal Server Error',
      'EngineCore encountered an issue. See stack trace (above) for the root cause.',
    ),
  ),
  'engine dead, empty body': answer(500, ''),
};

export const engineDeadChunk = error(
  500,
  'InternalServerError',
  'EngineCore encountered an issue. See stack trace (above) for the root cause.',
);
