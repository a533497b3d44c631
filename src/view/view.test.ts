import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSteppedTrial } from '../../test/doubles/stepped-trial.js';
import { openView, type View } from './open-view.js';

const golden = fileURLToPath(new URL('../../test/fixtures/golden-0.1.0', import.meta.url));
const evil = '"><script>document.title="owned"</script>\u202e\u001b[31m';
let results: string;
let view: View;

beforeAll(async () => {
  results = mkdtempSync(join(tmpdir(), 'tbench-view-'));
  for (const job of ['finished', 'interrupted'])
    cpSync(join(golden, job), join(results, job), { recursive: true });
  const trial = join(results, 'hostile', 'evil__1');
  mkdirSync(join(trial, 'agent'), { recursive: true });
  mkdirSync(join(trial, 'verifier'));
  writeFileSync(
    join(trial, 'result.json'),
    JSON.stringify({ task_name: evil, trial_name: 'evil__1', verifier_result: { rewards: { reward: 0 } } }),
  );
  writeFileSync(
    join(trial, 'agent/trajectory.json'),
    JSON.stringify([
      { role: 'user', content: evil },
      { role: 'assistant', content: evil, tool_calls: [{ function: { name: evil, arguments: evil } }] },
      { role: 'tool', content: evil },
    ]),
  );
  writeFileSync(
    join(trial, 'verifier/ctrf.json'),
    JSON.stringify({ results: { tests: [{ name: evil, status: 'failed', message: evil }] } }),
  );
  symlinkSync('/etc/passwd', join(trial, 'verifier/test-stdout.txt'));
  for (const [job, reward] of Object.entries({ silent: null, outside: 2 })) {
    const trial = join(results, job, 'odd__1');
    mkdirSync(trial, { recursive: true });
    mkdirSync(join(trial, 'agent'));
    const told = reward === null ? null : { rewards: { reward } };
    writeFileSync(
      join(trial, 'result.json'),
      JSON.stringify({
        task_name: 'odd',
        trial_name: 'odd__1',
        verifier_result: told,
      }),
    );
  }
  writeTerminalBench1(join(results, 'tb1'));
  writeSteppedTrial(join(results, 'stepped', 'grow__1'));
  view = await openView({ results, host: '127.0.0.1', port: 0, token: null });
  // The first reading may take longer than the list of jobs waits for it.
  while ((await ask('/')).text.includes('being read'));
});

/** A run of Terminal-Bench 1, one of its trials with a name that leads elsewhere. */
function writeTerminalBench1(run: string): void {
  const name = 'fix-git.1-of-1.run';
  const trial = { task_id: 'fix-git', trial_name: name, is_resolved: false, failure_mode: 'unset' };
  const dir = join(run, 'fix-git', name);
  for (const folder of ['panes', 'agent-logs/episode-0']) mkdirSync(join(dir, folder), { recursive: true });
  const parser_results = { test_exists: 'passed', test_content: 'failed' };
  writeFileSync(join(dir, 'results.json'), JSON.stringify({ ...trial, parser_results }));
  writeFileSync(join(dir, 'panes/post-test.txt'), 'FAILED test_content');
  const answer = { explanation: 'I write it.', commands: [{ keystrokes: 'echo hi' }] };
  writeFileSync(join(dir, 'agent-logs/episode-0/response.txt'), JSON.stringify(answer));
  const leads = { ...trial, task_id: '../finished', trial_name: 'fix-interval-merge__2' };
  writeFileSync(join(run, 'results.json'), JSON.stringify({ results: [trial, leads] }));
  writeFileSync(join(run, 'run_metadata.json'), '{}');
}

afterAll(async () => {
  await view[Symbol.asyncDispose]();
  rmSync(results, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Asks without the niceties of `fetch`, which sets Host itself and resolves `..`. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  { url = view.url, method = 'GET' } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('pages', () => {
  it('lists jobs, opens a job, a trial with its turns, and two jobs compared', async () => {
    expect((await ask('/')).text).toContain('href="job/finished.html"');
    const job = await ask('/job/finished.html');
    expect(job.text).toContain('79.2 ± 20.8');
    expect(job.text).toContain('href="../trial/finished/fix-interval-merge__2.html"');
    const trial = await ask('/trial/finished/fix-interval-merge__2.html');
    expect(trial.text).toContain('All that counts passed: 8 of 8 tests.');
    expect(trial.text).toContain('id="turn-4"');
    expect((await ask('/compare/finished,interrupted.html')).text).toContain('Over 2 common tasks');
    expect((await ask('/compare/finished,interrupted,hostile.html')).text).toContain('3 jobs compared');
    const side = '/side/finished,fix-interval-merge__1,finished,fix-interval-merge__2.html';
    expect((await ask(side)).text).toContain('fix-interval-merge: two trials');
  });

  it('gives no number where nothing was measured, and marks the mean of a job that is not whole', async () => {
    expect((await ask('/job/silent.html')).text).toContain(
      '<dt>95 % interval over tasks</dt><dd><b>–</b></dd>',
    );
    const list = (await ask('/')).text;
    const row = list.slice(list.indexOf('id="job-silent"'));
    expect(row.slice(0, row.indexOf('</tr>'))).toMatch(/over tasks" class="nowrap">–<\/td>/);
    const many = (await ask('/compare/silent,outside,interrupted.html')).text;
    expect(many).toContain('(3/6)');
    expect(many).toMatch(/heat-none" data-value="-Infinity">–</);
    expect(many).toMatch(/heat-4" data-value="2">200.0</);
    expect(many).not.toContain('heat-8');
    const pair = (await ask('/compare/finished,interrupted.html')).text;
    expect(pair).toMatch(/After, %<\/dt><dd>.*?\(3\/6\)/);
    expect(pair).not.toMatch(/than \d{3}\.\d points would/);
  });

  it('shows what Terminal-Bench 1 kept of a trial, and nothing beside its folder', async () => {
    const { text } = await ask('/trial/tb1/fix-git.1-of-1.run.html');
    for (const shown of ['1 of 2 tests failed.', 'I write it.', 'echo hi', 'FAILED test_content'])
      expect(text).toContain(shown);
    const elsewhere = await ask('/trial/tb1/fix-interval-merge__2.html');
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.text).toContain('No folder of this trial is kept.');
    expect(elsewhere.text).not.toContain('journal.jsonl');
  });

  it('shows a task of several steps step by step: reward, conversation, tests, whole texts', async () => {
    const { text } = await ask('/trial/stepped/grow__1.html');
    for (const shown of [
      'The reward is 0.5, from 3 steps: write 1, extend 0,',
      'Conversation of step extend',
      'tests of extend',
      'id="turn-3"',
      'href="../../trial/stepped/grow__1/step-write.html"',
    ])
      expect(text).toContain(shown);
    expect(text).not.toMatch(/id="turn-4"|step-[^"]*finished/);
    const first = await ask('/trial/stepped/grow__1/step-write.html');
    expect(first.text).toContain('tests of write');
    expect(first.text).toContain('id="turn-4"');
    expect((await ask('/trial/stepped/grow__1/step-write,from-101.html')).status).toBe(200);
    expect((await ask('/trial/stepped/grow__1/step-~2e~2e~2f~2e~2e~2ffinished.html')).status).toBe(404);
    const part = await ask('/part/stepped/grow__1/turn-1-output0,write.txt');
    expect(part.text).toContain('def merge(intervals)');
    const side = '/side/stepped,grow__1,stepped,grow__1,write.html';
    expect((await ask(side)).text).toContain('Step write');
  });

  it('searches the whole conversation, and leads to the turn', async () => {
    const { text } = await ask('/find/finished/fix-interval-merge__2.html?text=complete_TASK');
    expect(text).toContain('3 places in all 4 turns');
    expect(text).toContain('href="../../trial/finished/fix-interval-merge__2.html#turn-4"');
    expect(text).toContain('<mark>COMPLETE_TASK</mark>');
    const odd = await ask('/find/finished/fix-interval-merge__2.html?text=%5B(.*%3Cb%3E');
    expect(odd.text).toContain('Nowhere in all 4 turns');
    expect(odd.text).toContain('[(.*&lt;b&gt;');
    const step = await ask('/find/stepped/grow__1/step-write.html?text=merge');
    expect(step.text).toContain('href="../../../trial/stepped/grow__1/step-write.html#turn-1"');
    expect((await ask('/find/finished/none.html?text=a')).status).toBe(404);
  });

  it('shows planned tasks that have not begun', async () => {
    const { text } = await ask('/job/interrupted.html');
    expect(text).toContain('<th scope="row">merge-contacts</th>');
    expect(text).toContain('aria-label="merge-contacts 1: not begun"');
  });

  it('gives whole texts and files as plain text in a box of their own', async () => {
    const part = await ask('/part/finished/fix-interval-merge__2/turn-1-output0.txt');
    expect(part.text).toContain('def merge(intervals)');
    const file = await ask('/file/finished/fix-interval-merge__2/verifier~2freward.txt.txt');
    expect(file).toMatchObject({ status: 200, text: '1\n' });
    expect(file.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(file.headers['content-security-policy']).toContain('sandbox');
  });

  it('says what is not there, whatever is asked for', async () => {
    for (const path of [
      '/nothing',
      '/job/none.html',
      '/trial/finished/none.html',
      '/compare/finished.html',
      '/side/a,b.html',
      '/live/job/none',
    ])
      expect((await ask(path)).status, path).toBe(404);
  });
});

describe('hostile content', () => {
  it('is text on every page: no markup, no direction overrides, no escape sequences', async () => {
    for (const path of [
      '/',
      '/job/hostile.html',
      '/trial/hostile/evil__1.html',
      '/compare/finished,hostile.html',
    ]) {
      const { text, status } = await ask(path);
      expect(status).toBe(200);
      expect(text).not.toContain('<script>document');
      expect(text).not.toMatch(/[\u202e\u001b]/);
    }
    expect((await ask('/trial/hostile/evil__1.html')).text).toContain(
      '&lt;script&gt;document.title=&quot;owned&quot;',
    );
  });

  it('leads out of the results by no path and no link', async () => {
    const paths = [
      '/file/hostile/evil__1/verifier~2ftest-stdout.txt.txt',
      '/file/finished/fix-interval-merge__2/~2e~2e~2f~2e~2e~2fhostile.txt',
      '/file/finished/fix-interval-merge__2/..%2f..%2fhostile%2fevil__1%2fresult.json',
      '/trial/finished/~2e~2e~2fhostile~2fevil__1.html',
      '/job/~2e~2e.html',
      '/job/..%2f..%2fetc.html',
      '/assets/..%2fbase.css',
    ];
    for (const path of paths) expect((await ask(path)).status, path).toBe(404);
    expect((await ask('/trial/hostile/evil__1.html')).text).not.toContain('root:');
  });
});

describe('who may ask', () => {
  it('answers for its own names only, and no page of another origin', async () => {
    const { host, port } = new URL(view.url);
    expect((await ask('/', { host: 'evil.example' })).status).toBe(421);
    expect((await ask('/', { host: `evil.example:${port}` })).status).toBe(421);
    expect((await ask('/', { host: `localhost:${port}` })).status).toBe(200);
    expect((await ask('/', { host, origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('/', { host, origin: `http://${host}` })).status).toBe(200);
    expect(
      (await ask('/', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status,
    ).toBe(403);
    expect((await ask('/', {}, { method: 'POST' })).status).toBe(405);
  });

  it('allows nothing but its own files, in every answer', async () => {
    for (const path of ['/', '/nothing']) {
      const policy = String((await ask(path)).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
    }
    expect((await ask('/')).text).not.toMatch(/ style="|<script>|onclick|https?:\/\//);
  });

  it('listens elsewhere only with a token, and shows nothing without it', async () => {
    await expect(openView({ results, host: '0.0.0.0', port: 0, token: null })).rejects.toThrow(
      'only with a token',
    );
    await using other = await openView({ results, host: '127.0.0.1', port: 0, token: 'secret' });
    const url = other.url;
    expect((await ask('/', {}, { url })).status).toBe(401);
    expect((await ask('/?token=wrong', {}, { url })).status).toBe(401);
    const let_in = await ask('/?token=secret', {}, { url });
    expect(let_in.status).toBe(302);
    const cookie = String((let_in.headers['set-cookie'] as string[])[0]);
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/);
    expect((await ask('/', { cookie: cookie.split(';')[0] ?? '' }, { url })).status).toBe(200);
  });
});
