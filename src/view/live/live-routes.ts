import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { linkAbort, sleep } from '../../base/deadline.js';
import type { JobShelf } from '../job-shelf.js';
import { runningOutputFile, turnPlaces } from '../trial-data.js';

const lookEveryMs = 500;
/** A line now and then keeps proxies from closing the stream, and finds out that nobody listens any more. */
const beatEveryLooks = 30;
/** Streams at once: each costs a few looks a second. */
const mostStreams = 50;

/**
 * Server-sent events that say that a page changed; the page then fetches itself and takes over what differs. So what a
 * live page shows is made by the same code as any page.
 */
export function addLive(app: Hono, shelf: JobShelf, closing: AbortSignal): void {
  let streams = 0;
  const follow = (context: Context, files: readonly string[]): Response => {
    if (streams >= mostStreams) return context.text('too many live pages\n', 503);
    streams += 1;
    return streamSSE(context, async (stream) => {
      using ended = linkAbort(closing);
      stream.onAbort(() => ended.abort());
      try {
        let seen = await versionOf(files);
        for (let looks = 1; !ended.signal.aborted; looks += 1) {
          await sleep(lookEveryMs, ended.signal);
          const now = await versionOf(files);
          if (now !== seen) await stream.writeSSE({ event: 'change', data: String(looks) });
          else if (looks % beatEveryLooks === 0) await stream.writeSSE({ event: 'beat', data: '' });
          seen = now;
        }
      } catch (error) {
        if (!ended.signal.aborted) throw error;
      } finally {
        streams -= 1;
      }
    });
  };
  app.get('/live/jobs', async (context) => {
    const { jobs } = await shelf.all();
    const running = jobs.filter(({ isRunning }) => isRunning);
    return follow(context, [shelf.root, ...running.flatMap(({ dir }) => jobFiles(dir))]);
  });
  app.get('/live/job/:job', async (context) => {
    const job = await shelf.find(context.req.param('job'));
    return job === null ? context.notFound() : follow(context, jobFiles(job.dir));
  });
  app.get('/live/trial/:job/:trial', async (context) => {
    const job = await shelf.find(context.req.param('job'));
    const trial = context.req.param('trial');
    if (
      job?.live?.running.has(trial) !== true &&
      job?.summary.trials.every(({ name }) => name !== trial) !== false
    )
      return context.notFound();
    const { root, journal } = turnPlaces(job, { dir: join(job.dir, trial), task: trial });
    return follow(context, [
      join(root, journal ?? ''),
      join(job.dir, trial, runningOutputFile),
      join(job.dir, trial, 'result.json'),
      ...jobFiles(job.dir),
    ]);
  });
}

function jobFiles(dir: string): string[] {
  return ['events.jsonl', 'result.json', 'process.lock'].map((name) => join(dir, name));
}

async function versionOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size, mtimeMs }) => `${size}/${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return stamps.join(' ');
}
