import { createSocket, type Socket } from 'node:dgram';
import { getServers } from 'node:dns';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { openDeadline } from '../../../base/deadline.js';
import type { Lookup } from './dial.js';
import { answerCodes, dnsAnswer, readQuestion, recordTypes } from './dns-message.js';
import type { HostJudge } from './judge-host.js';
import type { NameBook } from './name-book.js';

const limitMs = 5_000;
/** Queries under way for one sandbox; a flood of more is dropped, as a busy resolver does. */
const mostQueries = 64;

/**
 * Answers the DNS queries of a sandbox. Under a policy every name has an address, as it would have with a resolver in reach, but
 * one of the book's: only names that are allowed are looked up, so that no query carries anything out. With an open network queries
 * go to this machine's resolver as they are.
 */
export function answerNames(
  socket: Socket,
  options: {
    readonly judge: HostJudge & { readonly isOpen: boolean };
    readonly book: NameBook;
    readonly lookup: Lookup;
  },
): void {
  let open = 0;
  socket.on('error', () => undefined);
  socket.on('message', (query, from) => {
    if (open >= mostQueries) return;
    open += 1;
    const answering = options.judge.isOpen ? forward(query) : answer(query, options);
    answering
      .catch(() => null)
      .then((reply) => {
        if (reply !== null) socket.send(reply, from.port, from.address, () => undefined);
      })
      // The socket may have been closed meanwhile.
      .catch(() => undefined)
      .finally(() => (open -= 1));
  });
}

async function answer(
  query: Buffer,
  { judge, book, lookup }: Parameters<typeof answerNames>[1],
): Promise<Buffer | null> {
  const question = readQuestion(query);
  if (question === null) return null;
  const { name, type } = question;
  const reply = (code: number, address?: string): Buffer =>
    dnsAnswer(query, question, address === undefined ? { code } : { code, address });
  if (name === '' || name.endsWith('.arpa')) return reply(answerCodes.noSuchName);
  if (judge.allowsName(name)) {
    const code = await lookup(name).then(
      () => answerCodes.none,
      (error: unknown) => (isUnknown(error) ? answerCodes.noSuchName : answerCodes.failed),
    );
    if (code !== answerCodes.none) return reply(code);
  }
  if (type !== recordTypes.a) return reply(answerCodes.none);
  const address = book.addressOf(name);
  return address === null ? reply(answerCodes.failed) : reply(answerCodes.none, address);
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
}

async function forward(query: Buffer): Promise<Buffer | null> {
  const server = getServers().find((one) => isIP(one) !== 0);
  if (server === undefined) return null;
  const socket = createSocket(isIP(server) === 4 ? 'udp4' : 'udp6');
  try {
    using deadline = openDeadline(limitMs);
    const answered = once(socket, 'message', { signal: deadline.signal });
    socket.connect(53, server, () => socket.send(query, () => undefined));
    return ((await answered) as [Buffer])[0];
  } finally {
    socket.close();
  }
}
