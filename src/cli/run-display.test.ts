import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openDisplay, type RunDisplay } from './run-display.js';

function open(): { display: RunDisplay; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const display = openDisplay(stream as unknown as NodeJS.WriteStream);
  display.show({ kind: 'job-start', job: 'a-job', total: 2, reused: 0 });
  return { display, written: () => text };
}

it('shows what it is told within the live display, also where that ends at once', async () => {
  const { display, written } = open();
  display.tell('SIGINT: no new trials');
  display[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(written()).toMatch(/0\/2[^]*SIGINT: no new trials/);
});
