import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { linkAbort, sleep } from '../../base/deadline.js';
import type { JobShelf } from '../job-shelf.js';
import { runningOutputFile } from '../trial/trial-data.js';
import { findTrialPlace } from '../trial/trial-place.js';

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
  const follow = (context: Context, versionNow: () => Promise<string>): Response => {
    if (streams >= mostStreams) return context.text('too many live pages\n', 503);
    streams += 1;
    return streamSSE(context, async (stream) => {
      using ended = linkAbort(closing);
      stream.onAbort(() => ended.abort());
      try {
        let seen = await versionNow();
        for (let looks = 1; !ended.signal.aborted; looks += 1) {
          await sleep(lookEveryMs, ended.signal);
          const now = await versionNow();
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
  app.get('/live/jobs', (context) =>
    follow(context, async () => {
      const files = [shelf.root, ...shelf.running.flatMap(jobFiles)];
      return `${shelf.reads} ${await versionOf(files)}`;
    }),
  );
  app.get('/live/job/:job', async (context) => {
    const job = await shelf.find(context.req.param('job'));
    return job === null ? context.notFound() : follow(context, () => versionOf(jobFiles(job.dir)));
  });
  app.get('/live/trial/:job/:trial', async (context) => {
    const job = await shelf.find(context.req.param('job'));
    const trial = context.req.param('trial');
    const first = job === null ? null : await findTrialPlace(job, trial);
    if (job === null || first === null) return context.notFound();
    return follow(context, async () => {
      // The next step of a task of several keeps its conversation elsewhere.
      const { places, madeDir, dir } = (await findTrialPlace(job, trial)) ?? first;
      return versionOf([
        ...(places.journal === null ? [] : [join(places.root, places.journal)]),
        ...(madeDir === null ? [] : [join(madeDir, runningOutputFile)]),
        ...(dir === null ? [] : [join(dir, 'result.json')]),
        ...jobFiles(job.dir),
      ]);
    });
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
