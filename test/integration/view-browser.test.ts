import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axeCore from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FileLock } from '../../src/base/files/file-lock.js';
import { claimJob } from '../../src/job/store/job-claim.js';
import { jobPaths } from '../../src/results/layout.js';
import { exportPages } from '../../src/view/export-pages.js';
import { openView, type View } from '../../src/view/open-view.js';
import { temporaryDir, writeSampleJob } from '../doubles/sample-job.js';
import { beginStep, writeSteppedTrial } from '../doubles/stepped-trial.js';
import { smallPng } from '../doubles/small-png.js';

/**
 * The viewer in Debian's Chromium. With TBENCH_PICTURES=1 the screenshots of docs/pictures are taken anew.
 */
const executablePath = '/usr/bin/chromium';
const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const pictures = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const results = temporaryDir('view-browser');
const evil = '"><img src=x onerror="document.title=1"><script>document.title="owned"</script>';
let browser: Browser;
let view: View;
let lock: FileLock;

const running = join(results, 'running');
const journal = join(running, 'fix-interval-merge__2', 'agent', 'journal.jsonl');
const entries = readFileSync(
  join(fixtures, 'golden-0.1.0/finished/fix-interval-merge__2/agent/journal.jsonl'),
  'utf8',
).split('\n');

/** Adds events to the running job, as its process does. */
function happen(...events: readonly Record<string, unknown>[]): void {
  const at = new Date().toISOString();
  appendFileSync(
    join(running, 'events.jsonl'),
    events.map((event) => `${JSON.stringify({ at, ...event })}\n`).join(''),
  );
}

beforeAll(async () => {
  if (!existsSync(executablePath))
    throw new Error(
      `no browser at ${executablePath}: the viewer is checked in a real one; apt-get install -y chromium`,
    );
  for (const job of ['finished', 'interrupted'])
    cpSync(join(fixtures, 'golden-0.1.0', job), join(results, job), { recursive: true });
  const sample = writeSampleJob(join(results, 'tb-2.0-qwen35-9b'), { keep: isKept });
  writeSampleJob(join(results, 'tb-2.0-step_20'), { keep: isKept, change: (trial) => changed(trial, 20) });
  writeSampleJob(join(results, 'tb-2.0-step_40'), { keep: isKept, change: (trial) => changed(trial, 40) });
  cpSync(
    join(fixtures, 'sample-job/trials/prove-plus-comm__Tf7eq3c'),
    join(sample, 'prove-plus-comm__Tf7eq3c'),
    { recursive: true },
  );
  writeHostile();
  writeSteppedTrial(join(results, 'stepped', 'grow__1'));
  cpSync(join(results, 'interrupted/config.json'), join(running, 'config.json'));
  mkdirSync(join(journal, '..'), { recursive: true });
  writeFileSync(journal, `${entries.slice(0, 2).join('\n')}\n`);
  happen(
    { kind: 'job-start', job: 'running', total: 6, reused: 0 },
    { kind: 'trial-start', trial: 'fix-interval-merge__2', task: 'fix-interval-merge', attempt: 2 },
    { kind: 'trial-phase', trial: 'fix-interval-merge__2', phase: 'agent' },
  );
  lock = await claimJob(jobPaths(running));
  [browser, view] = await Promise.all([
    chromium.launch({ executablePath, args: ['--no-sandbox'] }),
    openView({ results, host: '127.0.0.1', port: 0, token: null }),
  ]);
  // The first reading may take longer than the list of jobs waits for it.
  while ((await (await fetch(view.url)).text()).includes('being read'));
});

afterAll(async () => {
  await browser.close();
  await view[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  rmSync(results, { recursive: true, force: true });
});

/** Fewer tasks than were recorded: enough for a grid, and quick to read. */
function isKept({ trial_name: name }: { readonly trial_name: string }): boolean {
  return /^[a-dp]/.test(name);
}

/** A checkpoint that solves a few tasks more, or less, than the recorded job. */
function changed(
  trial: Record<string, unknown> & { trial_name: string },
  step: number,
): Record<string, unknown> {
  const flips = Buffer.from(trial.trial_name).reduce((sum, byte) => sum + byte, step) % 9 === 0;
  const reward = (trial['verifier_result'] as { rewards?: { reward?: number } } | null)?.rewards?.reward;
  const info = {
    name: 'agent',
    version: '1',
    model_info: { name: `qwen35-9b@step_${step}`, provider: 'openai' },
  };
  return {
    agent_info: info,
    config: { agent: { model_name: `qwen35-9b@step_${step}` } },
    ...(flips && reward !== undefined
      ? { verifier_result: { rewards: { reward: 1 - Math.round(reward) } } }
      : {}),
  };
}

function writeHostile(): void {
  const trial = join(results, 'hostile', 'evil__1');
  mkdirSync(join(trial, 'agent'), { recursive: true });
  writeFileSync(
    join(trial, 'result.json'),
    JSON.stringify({ task_name: evil, trial_name: 'evil__1', verifier_result: { rewards: { reward: 0 } } }),
  );
  const call = { function: { name: evil, arguments: JSON.stringify({ command: evil }) } };
  const messages = [
    { role: 'user', content: evil },
    { role: 'assistant', content: evil, reasoning_content: evil, tool_calls: [call] },
    { role: 'tool', content: `${evil}\n`.repeat(2000) },
  ];
  writeFileSync(join(trial, 'agent/trajectory.json'), JSON.stringify(messages));
}

const screens = [
  { name: 'desk', width: 1280, height: 900, colorScheme: 'light', rules: {} },
  {
    name: 'phone',
    width: 390,
    height: 844,
    colorScheme: 'dark',
    rules: { runOnly: ['color-contrast', 'scrollable-region-focusable', 'target-size'] },
  },
] as const;

const pages = [
  ['jobs', ''],
  ['job', 'job/tb-2.0-qwen35-9b.html'],
  ['trial', 'trial/finished/fix-interval-merge__1.html'],
  ['foreign-trial', 'trial/tb-2.0-qwen35-9b/prove-plus-comm__Tf7eq3c.html'],
  ['live', 'job/running.html'],
  ['compare', 'compare/tb-2.0-step_20,tb-2.0-step_40.html'],
  ['matrix', 'compare/tb-2.0-qwen35-9b,tb-2.0-step_20,tb-2.0-step_40.html'],
  ['side', 'side/finished,fix-interval-merge__1,finished,fix-interval-merge__2.html'],
  ['steps', 'trial/stepped/grow__1.html'],
  ['find', 'find/finished/fix-interval-merge__2.html?text=merge'],
  ['hostile', 'trial/hostile/evil__1.html'],
  ['missing', 'job/none.html'],
] as const;

/** Pages whose pictures docs/ keeps. */
const shownInDocs = new Set([
  ...['jobs', 'job', 'trial', 'live', 'compare', 'matrix', 'side'].map((name) => `${name}-desk`),
  ...['jobs', 'trial', 'compare'].map((name) => `${name}-phone`),
]);

/** Of what axe-core finds. */
interface Violations {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
}

/** Opens a page and gathers what it complains of and what it asks others for. */
async function open(
  path: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; complaints: string[]; foreign: string[] }> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) =>
    message.type() === 'error' && !message.text().includes('404') ? complaints.push(message.text()) : 0,
  );
  page.on('request', (request) => (request.url().startsWith(view.url) ? 0 : foreign.push(request.url())));
  await page.goto(view.url + path);
  return { page, complaints, foreign };
}

it.each(pages)(
  '%s fits desk and phone, light and dark, loads nothing foreign, is accessible',
  async (name, path) => {
    const { page, complaints, foreign } = await open(path, { viewport: screens[0], colorScheme: 'light' });
    expect(await page.title()).toContain('tbench');
    // Given to the page as a debugger does: its own policy lets no script of others in.
    await page.evaluate(axeCore.source);
    for (const { name: screen, rules, ...look } of screens) {
      await page.setViewportSize(look);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(wide, screen).toBe(0);
      const found = await page.evaluate<Violations>(`axe.run(${JSON.stringify(rules)})`);
      const told = found.violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary]);
      expect(told, screen).toEqual([]);
      if (process.env['TBENCH_PICTURES'] === '1' && shownInDocs.has(`${name}-${screen}`))
        writeFileSync(join(pictures, `view-${name}-${screen}.png`), smallPng(await page.screenshot()));
    }
    expect([complaints, foreign]).toEqual([[], []]);
    await page.close();
  },
);

it('shows hostile text as text: nothing of it runs', async () => {
  const { page } = await open('trial/hostile/evil__1.html');
  expect(await page.title()).toContain('evil__1');
  expect(await page.evaluate('document.querySelectorAll("main img, main script").length')).toBe(0);
  expect(await page.locator('pre.command').innerText()).toBe(evil);
  await page.getByRole('link', { name: 'the whole text' }).last().click();
  expect(await page.evaluate('document.contentType')).toBe('text/plain');
  await page.close();
});

it('is worked with the keyboard alone, from the list of jobs into a turn', async () => {
  const { page } = await open('');
  await page.keyboard.press('/');
  await page.keyboard.type('finished');
  expect(await page.locator('table.jobs tbody tr:visible').count()).toBe(1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/job/finished.html');
  await page.goto(`${view.url}trial/finished/fix-interval-merge__1.html`);
  await page.keyboard.press('n');
  await page.waitForURL('**/fix-interval-merge__2.html');
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('j');
  expect(page.url()).toMatch(/#turn-\d$/);
  await page.keyboard.press('?');
  expect(await page.getByRole('dialog').isVisible()).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('u');
  await page.waitForURL('**/job/finished.html');
  await page.close();
});

it('sorts, searches turns, and compares what was chosen', async () => {
  const { page } = await open('job/tb-2.0-qwen35-9b.html');
  await page.getByRole('button', { name: 'Mean, %' }).first().click();
  await page.getByRole('button', { name: 'Mean, %' }).first().click();
  expect(await page.locator('#tasks tbody tr').first().innerText()).toContain('100.0');
  await page.goto(`${view.url}trial/finished/fix-interval-merge__2.html`);
  await page.getByLabel('Search turns').fill('COMPLETE_TASK');
  expect(await page.locator('.turn:visible').count()).toBe(1);
  await page.goto(view.url);
  await page.getByLabel('Choose finished').check();
  await page.getByLabel('Choose interrupted').check();
  await page.getByRole('button', { name: 'Compare chosen' }).click();
  await page.waitForURL('**/compare/*.html');
  expect(await page.locator('.lead').innerText()).toContain('common tasks');
  await page.close();
});

it('follows a running job and its running turn without a reload', async () => {
  const { page } = await open('trial/running/fix-interval-merge__2.html');
  const { page: job } = await open('job/running.html');
  await page.evaluate('window.same = true');
  expect(await page.locator('.turn').count()).toBe(1);
  expect(await page.locator('.working').innerText()).toContain('runs');
  const output = page.locator('#running-output pre');
  writeFileSync(join(journal, '../running-output.txt'), `${'line\n'.repeat(90)}so far\n`);
  await output.waitFor({ timeout: 10_000 });
  expect(await output.innerText()).toContain('so far');
  expect(await output.evaluate((pre: { readonly scrollTop: number }) => pre.scrollTop)).toBeGreaterThan(0);
  expect(await page.getByLabel('Follow the running turn').isChecked()).toBe(true);
  rmSync(join(journal, '../running-output.txt'));
  appendFileSync(journal, `${entries.slice(2, 5).join('\n')}\n`);
  const trial = 'fix-interval-merge__2';
  const [spentMs, limitMs] = [60_000, 3_600_000];
  const progress = { turn: 2, contextTokens: 1234, contextLimit: 65_536, spentMs, limitMs };
  happen({ kind: 'trial-turn', trial, progress });
  await page.locator('#turn-2').waitFor({ timeout: 10_000 });
  expect(await page.locator('#turn-1 .chip.good').innerText()).toBe('exit 0');
  await output.waitFor({ state: 'detached', timeout: 10_000 });
  expect(await page.evaluate('window.same')).toBe(true);
  await job.locator('#live td.n', { hasText: '2' }).first().waitFor({ timeout: 10_000 });
  expect(await job.locator('#live').innerText()).toContain('1.2 k of 65.5 k');
  expect(await job.locator('#live tbody td').last().innerText()).toMatch(/^5\d\.\d min$/);
  happen({ kind: 'job-control', command: { action: 'pause', trials: [] } });
  await job.getByRole('heading', { name: 'Paused by hand' }).waitFor({ timeout: 10_000 });
  happen({ kind: 'job-control', command: { action: 'resume', trials: [] } });
  await Promise.all([page.close(), job.close()]);
});

it('follows a task of several steps into its next one, with what its command prints', async () => {
  const trial = join(running, 'grow__1');
  beginStep(trial, 'write', entries.slice(0, 5));
  happen({ kind: 'trial-start', trial: 'grow__1', task: 'grow', attempt: 1 });
  const { page } = await open('trial/running/grow__1.html');
  await page.getByRole('heading', { name: 'Conversation of step write' }).waitFor();
  expect(await page.locator('.turn').count()).toBe(2);
  beginStep(trial, 'extend', entries.slice(0, 2));
  writeFileSync(join(trial, 'steps/extend/agent/running-output.txt'), 'so far\n');
  await page.getByRole('heading', { name: 'Conversation of step extend' }).waitFor({ timeout: 60_000 });
  expect(await page.locator('.turn').count()).toBe(1);
  expect(await page.locator('#running-output pre').innerText()).toContain('so far');
  expect(await page.locator('table.steps').innerText()).toMatch(/write\s+over.*extend/s);
  await page.close();
});

it('searches beyond the page: what is sent off finds every turn', async () => {
  const long = join(results, 'long', 'many__1');
  mkdirSync(join(long, 'agent'), { recursive: true });
  const result = { task_name: 'many', trial_name: 'many__1', verifier_result: { rewards: { reward: 0 } } };
  writeFileSync(join(long, 'result.json'), JSON.stringify(result));
  const turns = Array.from({ length: 150 }, (_, index) => ({
    role: 'assistant',
    content: `turn of ${index + 1}`,
  }));
  writeFileSync(
    join(long, 'agent/trajectory.json'),
    JSON.stringify([{ role: 'user', content: 'go' }, ...turns]),
  );
  const { page } = await open('trial/long/many__1.html');
  await page.keyboard.press('/');
  await page.keyboard.type('turn of 142');
  expect(await page.locator('.turn:visible').count()).toBe(0);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/find/**');
  expect(await page.locator('.found mark').allInnerTexts()).toEqual(['turn of 142']);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/from-101.html#turn-142');
  expect(await page.locator('#turn-142').isVisible()).toBe(true);
  await page.close();
});

it('works without its script', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(view.url);
  expect(await page.getByLabel('Filter').isVisible()).toBe(false);
  await page.getByLabel('Choose finished').check();
  await page.getByLabel('Choose interrupted').check();
  await page.getByRole('button', { name: 'Compare chosen' }).click();
  expect(await page.locator('h1').innerText()).toContain('interrupted');
  await context.close();
});

it('is the same from disk: style, script and links of exported pages work', async () => {
  const dir = join(results, '..', `${basename(results)}-pages`);
  await exportPages({ results: join(results, 'finished'), dir, signal: new AbortController().signal });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => (message.type() === 'error' ? complaints.push(message.text()) : 0));
  await page.goto(`file://${dir}/index.html`);
  await page.getByRole('link', { name: 'finished', exact: true }).click();
  await page.getByLabel('Filter tasks').fill('fix-interval');
  expect(await page.locator('#tasks tbody tr:visible').count()).toBe(1);
  await page.locator('#tasks tbody a.mark').locator('visible=true').last().click();
  expect(await page.locator('h1').innerText()).toContain('fix-interval-merge__2');
  expect(await page.evaluate('getComputedStyle(document.querySelector(".top")).position')).toBe('sticky');
  expect(complaints).toEqual([]);
  await page.close();
  rmSync(dir, { recursive: true, force: true });
});
