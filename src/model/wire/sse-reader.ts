import { StringDecoder } from 'node:string_decoder';

const largestEvent = 8 * 1024 * 1024;

/** Splits a server-sent event stream into the `data` of its events, whatever way the bytes are cut. */
export class SseReader {
  private readonly decoder = new StringDecoder('utf8');
  /** The line that no break has ended yet, in the pieces it came in: joining them each time would be quadratic. */
  private rest: string[] = [];
  private restLength = 0;
  private data: string[] = [];
  private dataLength = 0;

  /**
   * Takes the next bytes and returns the data of every event they complete.
   * @throws RangeError when a single event grows beyond 8 Mi characters
   */
  push(chunk: Uint8Array): readonly string[] {
    const events: string[] = [];
    const text = this.decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      // A line break that ends nothing is not worth a text of its own: a stream may hold millions of them.
      if (end > start || this.rest.length > 0 || this.data.length > 0)
        this.line(this.takeRest(text.slice(start, end)), events);
      start = end + 1;
    }
    if (start < text.length) this.rest.push(text.slice(start));
    this.restLength += text.length - start;
    if (this.restLength + this.dataLength > largestEvent)
      throw new RangeError('an event of the stream is larger than 8 MiB');
    return events;
  }

  /** True while the data of an event has begun and not ended; a comment is no data. */
  get inEvent(): boolean {
    return this.data.length > 0 || (this.rest[0]?.startsWith('data:') ?? false);
  }

  /** The event that was not closed by a blank line when the stream ended, if any. */
  end(): readonly string[] {
    const events: string[] = [];
    const rest = this.takeRest('');
    if (rest !== '') this.line(rest, events);
    this.line('', events);
    return events;
  }

  private takeRest(end: string): string {
    if (this.rest.length === 0) return end;
    const line = this.rest.join('') + end;
    this.rest = [];
    this.restLength = 0;
    return line;
  }

  private line(text: string, events: string[]): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === '') {
      if (this.data.length > 0) events.push(this.data.join('\n'));
      this.data = [];
      this.dataLength = 0;
    } else if (line.startsWith('data:')) {
      this.data.push(line.slice(line[5] === ' ' ? 6 : 5));
      this.dataLength += line.length;
    }
  }
}
