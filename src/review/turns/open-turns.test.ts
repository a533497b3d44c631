import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { openTurns, type TurnCache } from './open-turns.js';

const dir = mkdtempSync(join(tmpdir(), 'tbench-turns-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const golden = fileURLToPath(
  new URL('../../../test/fixtures/golden-0.1.0/finished/fix-interval-merge__2', import.meta.url),
);
const sample = fileURLToPath(
  new URL('../../../test/fixtures/sample-job/trials/prove-plus-comm__Tf7eq3c', import.meta.url),
);
const places = (root: string): Parameters<typeof openTurns>[0] => ({
  root,
  journal: 'agent/journal.jsonl',
  documents: ['agent/trajectory.json'],
  episodes: ['agent'],
});

it('reads the turns of a journal: command, output, exit code, tokens', async () => {
  const turns = await openTurns(places(golden));
  expect(turns?.opening.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(turns?.limits).toEqual({ totalTokens: 65_536, maxTurns: 64 });
  const [first] = (await turns?.read(0, 1)) ?? [];
  expect(first).toMatchObject({
    number: 1,
    text: 'THOUGHT: Read the library and run its tests.',
    open: false,
  });
  expect(first?.calls[0]?.command).toContain('cat calendar_lib/intervals.py');
  expect(first?.outputs[0]).toMatchObject({ exitCode: 0, totalBytes: 3628 });
  expect(first?.numbers).toMatchObject({ promptTokens: 689, outputTokens: 41 });
});

it('reads mini-swe-agent: exit codes, tokens, and the commands of its text mode', async () => {
  const extra = (seconds: number, more: object) => ({
    extra: { timestamp: 1_750_000_000 + seconds, ...more },
  });
  const usage = { prompt_tokens: 900, completion_tokens: 40 };
  const call = { id: 'c', function: { name: 'bash', arguments: '{"command":"ls"}' } };
  const messages = [
    { role: 'user', content: 'Fix it' },
    {
      role: 'assistant',
      content: 'Look',
      tool_calls: [call],
      ...extra(0, { actions: [{ command: 'ls' }], response: { usage } }),
    },
    { role: 'tool', tool_call_id: 'c', content: 'main.py', ...extra(3, { returncode: 0 }) },
    { role: 'assistant', content: 'Run', ...extra(10, { actions: [{ command: 'python main.py' }] }) },
    { role: 'user', content: 'Traceback', ...extra(12, { returncode: 1 }) },
    { role: 'exit', content: 'diff', extra: { exit_status: 'Submitted' } },
  ];
  const root = join(dir, 'mini');
  mkdirSync(root);
  writeFileSync(join(root, 'mini.traj.json'), JSON.stringify({ info: {}, messages }));
  const turns = await openTurns({ root, journal: null, documents: ['mini.traj.json'], episodes: [] });
  const [first, second] = (await turns?.read(0, 9)) ?? [];
  expect(first).toMatchObject({ calls: [{ command: 'ls' }], outputs: [{ text: 'main.py', exitCode: 0 }] });
  expect(first?.numbers).toMatchObject({ promptTokens: 900, outputTokens: 40, commandMs: 3000 });
  expect(second).toMatchObject({
    calls: [{ command: 'python main.py' }],
    outputs: [{ text: 'Traceback', exitCode: 1 }],
  });
  expect([first?.at, second?.said]).toEqual(['2025-06-15T15:06:40.000Z', []]);
});

it('reads the episodes of Terminus, a folder a turn', async () => {
  const answer = { explanation: 'I write it.', commands: [{ keystrokes: 'echo hi > x\n' }] };
  for (const [episode, prompt] of ['Do it.', 'root# echo hi > x'].entries()) {
    const folder = join(dir, `terminus/agent/episode-${episode}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'prompt.txt'), prompt);
    writeFileSync(join(folder, 'response.txt'), episode === 0 ? JSON.stringify(answer) : 'no json');
  }
  const turns = await openTurns(places(join(dir, 'terminus')));
  expect(turns?.opening).toEqual([{ role: 'user', text: 'Do it.' }]);
  const [first, second] = (await turns?.read(0, 9)) ?? [];
  expect(first).toMatchObject({ text: 'I write it.', calls: [{ command: 'echo hi > x' }] });
  expect(first?.outputs[0]?.text).toBe('root# echo hi > x');
  expect(second).toMatchObject({ number: 2, text: 'no json', calls: [], outputs: [] });
});

it('tells the same turns from the trajectory as from the journal', async () => {
  const [journal, document] = await Promise.all([
    openTurns(places(golden)),
    openTurns({ ...places(golden), journal: null }),
  ]);
  const texts = async (turns: typeof journal): Promise<unknown> =>
    (await turns?.read(0, 99))?.map(({ number, text, calls, outputs }) => [
      number,
      text,
      calls,
      outputs.map((output) => output.text),
    ]);
  expect(await texts(document)).toEqual(await texts(journal));
});

it('reads a raw chat list of another harness', async () => {
  const turns = await openTurns(places(sample));
  const [first] = (await turns?.read(0, 1)) ?? [];
  expect(turns?.opening.length).toBe(2);
  expect(first?.calls[0]?.name).toBe('bash');
  expect(first?.outputs.length).toBe(1);
});

it('follows a journal as it grows, a torn last line left for later', async () => {
  mkdirSync(join(dir, 'live/agent'), { recursive: true });
  const path = join(dir, 'live/agent/journal.jsonl');
  const line = (turn: number, kind: 'reply' | 'turn'): string =>
    JSON.stringify(
      kind === 'reply'
        ? {
            ...{
              kind,
              at: 'now',
              turn,
              counted: { tokens: 1, exact: true },
              max_tokens: 1,
              content: `says ${turn}`,
            },
            ...{ thought: null, tool_calls: [], finish_reason: null, retries: [], base_url: '' },
            usage: { prompt_tokens: 5, completion_tokens: 2, cached_tokens: null, reasoning_tokens: null },
            timing: { queue_ms: 0, first_token_ms: null, total_ms: 9 },
          }
        : {
            ...{
              kind,
              at: 'now',
              turn,
              format_error: null,
              truncated: false,
              recovered_calls: [],
              dropped_tokens: null,
            },
            ...{ commands: [], messages: [] },
          },
    );
  const start = {
    ...{
      kind: 'start',
      version: 1,
      at: 'now',
      trial: 't',
      task: 't',
      attempt: 1,
      model: null,
      model_kind: 'live',
    },
    ...{
      agent: { name: 'a', version: '1' },
      harness: null,
      budget: null,
      max_turns: null,
      messages: [],
      tools: [],
      sampling: {},
    },
  };
  const cache: TurnCache = new Map();
  const seen = async (): Promise<unknown> =>
    (await (await openTurns(places(join(dir, 'live')), { cache }))?.read(0, 9))?.map(({ number, open }) => [
      number,
      open,
    ]);
  writeFileSync(path, `${JSON.stringify(start)}\n${line(1, 'reply')}\n${line(1, 'turn').slice(0, 20)}`);
  expect(await seen()).toEqual([[1, true]]);
  appendFileSync(path, `${line(1, 'turn').slice(20)}\n${line(2, 'reply')}\n`);
  expect(await seen()).toEqual([
    [1, false],
    [2, true],
  ]);
});

it('opens 200 MB in less than a second and reads a turn of them', { timeout: 60_000 }, async () => {
  mkdirSync(join(dir, 'large/agent'), { recursive: true });
  const file = openSync(join(dir, 'large/agent/trajectory.json'), 'w');
  const output = JSON.stringify('line "of" output\n'.repeat(60_000));
  writeSync(file, '{"schema_version":"ATIF-v1.5","steps":[');
  for (let step = 0; step < 170; step += 1)
    writeSync(
      file,
      `${step === 0 ? '' : ','}{"step_id":${step + 1},"source":"agent","message":"m${step}","observation":{"results":[{"content":${output}}]}}`,
    );
  writeSync(file, ']}');
  closeSync(file);
  const cache: TurnCache = new Map();
  // Processor time, not the clock's: other work of the machine says nothing about this.
  const before = process.cpuUsage();
  const turns = await openTurns(places(join(dir, 'large')), { cache });
  const [first] = (await turns?.read(0, 1)) ?? [];
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(1);
  expect(first?.text).toBe('m0');
  expect(turns?.unseenBytes).toBeGreaterThan(150e6);
  const whole = await openTurns(places(join(dir, 'large')), { cache, upTo: 170 });
  expect(whole?.sizes.length).toBe(170);
  expect((await whole?.read(169, 1))?.[0]?.text).toBe('m169');
});

it('opens no link, and names a record that is too deep', async () => {
  mkdirSync(join(dir, 'odd/agent'), { recursive: true });
  symlinkSync('/etc/hostname', join(dir, 'odd/agent/journal.jsonl'));
  writeFileSync(
    join(dir, 'odd/agent/trajectory.json'),
    `[{"role":"assistant","content":"x","deep":${'['.repeat(5000)}${']'.repeat(5000)}}]`,
  );
  const [turn] = (await (await openTurns(places(join(dir, 'odd'))))?.read(0, 1)) ?? [];
  expect(turn?.leftOut).toContain('too deep');
});
