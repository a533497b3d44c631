import type { Context, Hono } from 'hono';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { safeText } from '../../base/safe-text.js';
import type { TurnCache } from '../../review/turns/open-turns.js';
import { addresses, fromId } from '../address.js';
import type { JobShelf } from '../job-shelf.js';
import { JobsPage } from '../pages/jobs/jobs-page.js';
import { JobPage } from '../pages/job/job-page.js';
import { MissingPage } from '../pages/missing-page.js';
import { pageContext, type PageContext } from '../pages/page-context.js';
import { ManyPage } from '../pages/compare/many-page.js';
import { PairPage } from '../pages/compare/pair-page.js';
import { SidePage } from '../pages/compare/side-page.js';
import { TrialPage } from '../pages/trial/trial-page.js';
import { findTrialPlace, readTrialData, type TrialData, type TrialPlace } from '../trial-data.js';
import type { Assets } from './asset-files.js';
import { readKeptFile, readPart } from './text-parts.js';

/** What the pages are made from. */
export interface AppParts {
  readonly shelf: JobShelf;
  readonly assets: Assets;
  /** The results folder as a person knows it. */
  readonly results: string;
  /** False while pages are written to files. */
  readonly isServed: boolean;
  readonly turns: TurnCache;
}

/** Every page under its address. Reads only; what it is asked for comes from listings of the shelf, never from a path. */
export function addRoutes(app: Hono, parts: AppParts): Hono {
  const { assets } = parts;
  addPages(app, parts);
  addComparisons(app, parts);
  addTexts(app, parts);
  app.get('/assets/:name', (context) => {
    const asset = [assets.style, assets.script].find(({ name }) => name === context.req.param('name'));
    if (asset === undefined) return context.text('no such file\n', 404);
    context.header('Cache-Control', 'max-age=31536000, immutable');
    return context.body(asset.text, 200, { 'Content-Type': `${asset.type}; charset=utf-8` });
  });
  app.get('/favicon.ico', (context) => context.body(null, 204));
  app.notFound((context) =>
    render(
      context,
      pageOf(context, parts),
      (page) => <MissingPage page={page} what={context.req.path} />,
      404,
    ),
  );
  app.get('/compare', (context) => {
    const chosen = context.req.queries('job') ?? [];
    return context.redirect(`/${chosen.length === 0 ? addresses.jobs : addresses.compare(chosen)}`);
  });
  return app;
}

function addPages(app: Hono, parts: AppParts): void {
  const { shelf } = parts;
  const jobs = async (context: Context): Promise<Response> => {
    const { jobs: found, unread } = await shelf.all();
    return render(context, pageContext(addresses.jobs, parts), (page) => (
      <JobsPage page={page} jobs={found} unread={unread} />
    ));
  };
  app.get('/', jobs);
  app.get('/index.html', jobs);
  app.get('/job/:job', async (context) => {
    const job = await shelf.find(nameIn(context, 'job'));
    if (job === null) return context.notFound();
    return render(context, pageOf(context, parts), (page) => <JobPage page={page} job={job} />);
  });
  const trial = async (context: Context, from: number): Promise<Response> => {
    const data = await trialOf(parts, nameIn(context, 'job'), nameIn(context, 'trial'), from);
    if (data === null) return context.notFound();
    return render(context, pageOf(context, parts), (page) => <TrialPage page={page} data={data} />);
  };
  app.get('/trial/:job/:trial', (context) => trial(context, 1));
  app.get('/trial/:job/:trial/:from', (context) => {
    const from = Number(/^from-(\d{1,7})$/.exec(nameIn(context, 'from'))?.[1] ?? 1);
    return trial(context, from);
  });
}

function addComparisons(app: Hono, parts: AppParts): void {
  const { shelf } = parts;
  app.get('/compare/:jobs', async (context) => {
    const names = idsIn(context, 'jobs').slice(0, 40);
    const found = await Promise.all(names.map((name) => shelf.find(name)));
    const jobs = found.filter((job) => job !== null);
    const [a, b] = jobs;
    if (a === undefined || b === undefined) return context.notFound();
    return render(context, pageOf(context, parts), (page) =>
      jobs.length === 2 ? (
        <PairPage page={page} before={a} after={b} />
      ) : (
        <ManyPage page={page} jobs={jobs} />
      ),
    );
  });
  app.get('/side/:trials', async (context) => {
    const [jobA = '', trialA = '', jobB = '', trialB = ''] = idsIn(context, 'trials');
    const [left, right] = await Promise.all([
      trialOf(parts, jobA, trialA, 1),
      trialOf(parts, jobB, trialB, 1),
    ]);
    if (left === null || right === null) return context.notFound();
    return render(context, pageOf(context, parts), (page) => <SidePage page={page} sides={[left, right]} />);
  });
}

function addTexts(app: Hono, parts: AppParts): void {
  const text = (context: Context, found: string | null): Response =>
    found === null
      ? context.text('no such text\n', 404)
      : context.body(found, 200, {
          'Content-Type': 'text/plain; charset=utf-8',
          'Content-Security-Policy': "default-src 'none'; sandbox",
        });
  const placeOf = async (context: Context): Promise<TrialPlace | null> => {
    const job = await parts.shelf.find(nameIn(context, 'job'));
    return job === null ? null : findTrialPlace(job, nameIn(context, 'trial'));
  };
  app.get('/part/:job/:trial/:part', async (context) => {
    const place = await placeOf(context);
    return text(context, place === null ? null : await readPart(place, nameIn(context, 'part'), parts.turns));
  });
  app.get('/file/:job/:trial/:path', async (context) => {
    const place = await placeOf(context);
    return text(context, place === null ? null : await readKeptFile(place, nameIn(context, 'path')));
  });
}

async function trialOf(
  { shelf, turns }: AppParts,
  jobName: string,
  trial: string,
  from: number,
): Promise<TrialData | null> {
  const job = await shelf.find(jobName);
  return job === null ? null : readTrialData(job, trial, { from, cache: turns });
}

/** A parameter's name behind its id and file ending. */
function nameIn(context: Context, key: string): string {
  return fromId((context.req.param(key) ?? '').replace(/\.(html|txt)$/, ''));
}

function idsIn(context: Context, key: string): string[] {
  return (context.req.param(key) ?? '')
    .replace(/\.html$/, '')
    .split(',')
    .map(fromId);
}

function pageOf(context: Context, parts: AppParts): PageContext {
  return pageContext(context.req.path.slice(1), parts);
}

/**
 * A page as text. JSX has escaped every value; what steers a reader all the same (direction overrides, escape
 * sequences, invisible letters) is replaced here, once for all pages: nothing of ours needs it.
 */
async function render(
  context: Context,
  page: PageContext,
  make: (page: PageContext) => JSX.Element,
  status: 200 | 404 = 200,
): Promise<Response> {
  const markup = String(await make(page));
  context.header('Cache-Control', 'no-store');
  return context.html(`<!doctype html>${safeText(markup, { lines: 'many', mark: '\ufffd' })}`, status);
}
