import type { Context, Hono } from 'hono';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { safeText } from '../../base/safe-text.js';
import type { TurnCache } from '../../review/turns/open-turns.js';
import { addresses, fromId, readTrialPart, type TrialPart } from '../address.js';
import type { JobShelf } from '../job-shelf.js';
import { JobsPage } from '../pages/jobs/jobs-page.js';
import { JobPage } from '../pages/job/job-page.js';
import { MissingPage } from '../pages/missing-page.js';
import { pageContext, type PageContext } from '../pages/page-context.js';
import { ManyPage } from '../pages/compare/many-page.js';
import { PairPage } from '../pages/compare/pair-page.js';
import { SidePage } from '../pages/compare/side-page.js';
import { FindPage } from '../pages/trial/find-page.js';
import { TrialPage } from '../pages/trial/trial-page.js';
import { findInTrial } from '../trial/find-in-trial.js';
import { readTrialData, type TrialData } from '../trial/trial-data.js';
import { findTrialPlace, type TrialPlace } from '../trial/trial-place.js';
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

/** How long the list of jobs waits for those that are not read yet. */
const patienceMs = 700;

/** Every page under its address. Reads only; what it is asked for comes from listings of the shelf, never from a path. */
export function addRoutes(app: Hono, parts: AppParts): Hono {
  const { assets } = parts;
  addPages(app, parts);
  addSearch(app, parts);
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
    // An export is read whole; somebody who waits sees first what is known.
    const found = await shelf.all(parts.isServed ? patienceMs : undefined);
    return render(context, pageContext(addresses.jobs, parts), (page) => <JobsPage page={page} {...found} />);
  };
  app.get('/', jobs);
  app.get('/index.html', jobs);
  app.get('/job/:job', async (context) => {
    const job = await shelf.find(nameIn(context, 'job'));
    if (job === null) return context.notFound();
    return render(context, pageOf(context, parts), (page) => <JobPage page={page} job={job} />);
  });
  const trial = async (context: Context, part: TrialPart): Promise<Response> => {
    const data = await trialOf(parts, nameIn(context, 'job'), nameIn(context, 'trial'), part);
    if (data === null) return context.notFound();
    return render(context, pageOf(context, parts), (page) => <TrialPage page={page} data={data} />);
  };
  app.get('/trial/:job/:trial', (context) => trial(context, {}));
  app.get('/trial/:job/:trial/:part', (context) => {
    const part = readTrialPart(idIn(context, 'part'));
    return part === null ? context.notFound() : trial(context, part);
  });
}

function addSearch(app: Hono, { shelf, turns: cache, ...parts }: AppParts): void {
  const find = async (context: Context, step: string | null): Promise<Response> => {
    const job = await shelf.find(nameIn(context, 'job'));
    const { text = '', from = '1' } = context.req.query();
    const wanted = { step, text, from: /^\d{1,7}$/.test(from) ? Number(from) : 1, cache };
    const found = job === null ? null : await findInTrial(job, nameIn(context, 'trial'), wanted);
    if (found === null) return context.notFound();
    return render(context, pageContext(context.req.path.slice(1), parts), (page) => (
      <FindPage page={page} found={found} />
    ));
  };
  app.get('/find/:job/:trial', (context) => find(context, null));
  app.get('/find/:job/:trial/:part', (context) => {
    const step = readTrialPart(idIn(context, 'part'))?.step ?? null;
    return step === null ? context.notFound() : find(context, step);
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
    const [jobA = '', trialA = '', jobB = '', trialB = '', step = null] = idsIn(context, 'trials');
    const [left, right] = await Promise.all([
      trialOf(parts, jobA, trialA, { step }),
      trialOf(parts, jobB, trialB, { step }),
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
  const placeOf = async (context: Context, step: string | null = null): Promise<TrialPlace | null> => {
    const job = await parts.shelf.find(nameIn(context, 'job'));
    return job === null ? null : findTrialPlace(job, nameIn(context, 'trial'), step);
  };
  app.get('/part/:job/:trial/:part', async (context) => {
    const [part = '', step = null] = idsIn(context, 'part');
    const place = await placeOf(context, step);
    return text(context, place === null ? null : await readPart(place, part, parts.turns));
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
  part: TrialPart,
): Promise<TrialData | null> {
  const job = await shelf.find(jobName);
  return job === null ? null : readTrialData(job, trial, { ...part, cache: turns });
}

/** A parameter without its file ending. */
function idIn(context: Context, key: string): string {
  return (context.req.param(key) ?? '').replace(/\.(html|txt)$/, '');
}

/** The name behind it. */
function nameIn(context: Context, key: string): string {
  return fromId(idIn(context, key));
}

function idsIn(context: Context, key: string): string[] {
  return idIn(context, key).split(',').map(fromId);
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
