import { StringDecoder } from 'node:string_decoder';

const largestEvent = 8 * 1024 * 1024;

/** Splits a server-sent event stream into the `data` of its events, whatever way the bytes are cut. */
export class SseReader {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private data: string[] = [];

  /**
   * Takes the next bytes and returns the data of every event they complete.
   * @throws RangeError when a single event grows beyond 8 Mi characters
   */
  push(chunk: Uint8Array): readonly string[] {
    const events: string[] = [];
    this.rest += this.decoder.write(chunk);
    let start = 0;
    for (let end = this.rest.indexOf('\n', start); end !== -1; end = this.rest.indexOf('\n', start)) {
      this.line(this.rest.slice(start, this.rest[end - 1] === '\r' && end > start ? end - 1 : end), events);
      start = end + 1;
    }
    this.rest = this.rest.slice(start);
    if (this.rest.length > largestEvent) throw new RangeError('an event of the stream is larger than 8 MiB');
    return events;
  }

  /** The event that was not closed by a blank line when the stream ended, if any. */
  end(): readonly string[] {
    const events: string[] = [];
    if (this.rest !== '') this.line(this.rest, events);
    this.line('', events);
    return events;
  }

  private line(line: string, events: string[]): void {
    if (line === '') {
      if (this.data.length > 0) events.push(this.data.join('\n'));
      this.data = [];
    } else if (line.startsWith('data:')) {
      this.data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  }
}
