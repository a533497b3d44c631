import { privateModes } from '../../results/private-modes.js';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { WireBody } from '../wire/chat-body.js';
import type { JsonTable } from '../../base/json-value.js';

/** Version of the lines of a model record. */
export const modelRecordVersion = 1;

/**
 * Keeps what went to and came from the model server in one trial: JSON lines, keys redacted. Of a conversation
 * that grows turn by turn only the messages that are new are written, with the number that were kept.
 */
export class ExchangeLog {
  private sent: readonly Buffer[] = [];
  private started = false;

  constructor(
    private readonly file: string,
    private readonly header: JsonTable,
    private readonly redact: (text: string) => string,
  ) {}

  /** Appends one exchange: the request body and either the reply or the failure. */
  async append(turn: number, { messages, rest }: WireBody, outcome: JsonTable): Promise<void> {
    const differs = messages.findIndex((bytes, index) => this.sent[index]?.equals(bytes) !== true);
    const kept = differs === -1 ? Math.min(messages.length, this.sent.length) : differs;
    const added = messages.slice(kept).map((bytes) => JSON.parse(bytes.toString('utf8')) as unknown);
    this.sent = messages;
    await this.write({ kind: 'exchange', turn, request: { ...rest, kept, messages: added }, ...outcome });
  }

  private async write(line: JsonTable): Promise<void> {
    const lines = this.started
      ? [line]
      : [{ kind: 'start', version: modelRecordVersion, ...this.header }, line];
    if (!this.started) await mkdir(dirname(this.file), { recursive: true, mode: privateModes.folder });
    this.started = true;
    await appendFile(this.file, lines.map((entry) => `${this.redact(JSON.stringify(entry))}\n`).join(''), {
      mode: privateModes.file,
    });
  }
}
