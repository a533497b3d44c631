import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeVllm, type SeenRequest } from '../doubles/vllm/fake-vllm.js';
import type { ModelReply } from '../doubles/vllm/generate.js';
import { containersOf, openCliBench, runCli, startCli, type CliBench } from './cli.js';

const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
const commands = [
  'export WORD=kept; cd /tmp',
  'echo "$WORD in $PWD" > note; cat note',
  'seq 1 3000',
  'echo begun; sleep 3; echo "$WORD" >> note; export WORD=later; cd /srv; (exit 7)',
  'echo "$WORD $PWD"; cat /tmp/note',
  'ls -d /tmp/note',
  'nothing-of-that-name',
  'touch done',
  'wc -l < /tmp/note',
  submit,
];

const turnsOf = ({ body }: SeenRequest): number =>
  body.messages.filter(({ role }) => role === 'assistant').length;

function tenTurns(request: SeenRequest): ModelReply {
  const turn = turnsOf(request);
  return { thought: `Turn ${turn + 1}.`, content: 'THOUGHT: on.', command: commands[turn] ?? submit };
}

function options(bench: CliBench, job: string, server: FakeVllm): string[] {
  return [
    ...['run', '--dataset', join(bench.dir, 'tasks'), '--results', bench.results, '--job', job],
    ...['--model', 'tiny', '--base-url', server.baseUrl, '--attempts', '1', '--pull', 'never', '--json'],
  ];
}

/** What the agent asked: a start of tbench asks a server a few things of its own. */
function asked(server: FakeVllm): SeenRequest['body'][] {
  const bodies = server.requests.map(({ body }) => body);
  return bodies.filter(({ messages }) => JSON.stringify(messages).includes('Create the file /srv/done'));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(20);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function resultOf(bench: CliBench, job: string) {
  const text = await readFile(join(bench.results, job, 'ten__1', 'result.json'), 'utf8');
  return JSON.parse(text) as {
    readonly verifier_result: unknown;
    readonly tbench: {
      readonly resumed?: readonly { readonly dead_ms: number }[];
      readonly tries: number;
      readonly totals: unknown;
    };
  };
}

describe('a trial whose tbench was killed in turn 4 of 10', () => {
  let bench: CliBench;
  let calm: FakeVllm;

  beforeAll(async () => {
    bench = await openCliBench({ ten: [] });
    calm = await FakeVllm.start({ model: 'tiny', reply: tenTurns });
    expect((await runCli(options(bench, 'calm', calm))).code).toBe(0);
  });

  afterAll(async () => {
    await calm[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
  });

  /** Kills a run when it has sent so many requests; its server answers only some of them until then. */
  async function killed(job: string, server: FakeVllm, requests: number): Promise<void> {
    const first = startCli(options(bench, job, server));
    await until(() => asked(server).length >= requests);
    await pause(500);
    first.process.kill('SIGKILL');
    await first.ended;
    expect(await containersOf(job)).toHaveLength(1);
  }

  it('is adopted in its command and sends what an undisturbed one sends', { timeout: 300_000 }, async () => {
    await using server = await FakeVllm.start({ model: 'tiny', reply: tenTurns });
    const job = `adopt-command-${process.pid}`;
    await killed(job, server, 4);
    await pause(3_000);
    const again = await runCli(options(bench, job, server));
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(asked(server)).toEqual(asked(calm));
    await expectAdopted(job, { turn: 4, in: 'command' });
  });

  it('is adopted by tbench resume, and asks again what was not answered', { timeout: 300_000 }, async () => {
    let hangs = true;
    await using server = await FakeVllm.start({
      model: 'tiny',
      reply: tenTurns,
      fault: (request) => (hangs && turnsOf(request) === 3 ? { kind: 'hang-before' } : null),
    });
    const job = `adopt-request-${process.pid}`;
    await killed(job, server, 4);
    hangs = false;
    const again = await runCli(['resume', job, '--results', bench.results, '--json']);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const sent = asked(server);
    expect(sent[4]).toEqual(sent[3]);
    expect(sent.toSpliced(4, 1)).toEqual(asked(calm));
    await expectAdopted(job, { turn: 4, in: 'request' });
  });

  it('is made anew with --no-adopt, and what it left is kept', { timeout: 300_000 }, async () => {
    await using server = await FakeVllm.start({ model: 'tiny', reply: tenTurns });
    const job = `adopt-never-${process.pid}`;
    await killed(job, server, 4);
    const again = await runCli([...options(bench, job, server), '--no-adopt']);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const result = await resultOf(bench, job);
    expect(result.tbench).toMatchObject({ tries: 2 });
    expect(result.tbench.resumed).toBeUndefined();
    const earlier = join(bench.results, job, 'ten__1', 'tries', '1', 'agent', 'journal.jsonl');
    expect(await readFile(earlier, 'utf8')).toContain('Turn 3.');
    expect(asked(server).slice(-10)).toEqual(asked(calm));
    expect(await containersOf(job)).toEqual([]);
  });

  it('is made anew where its sandbox is gone, and what it left is kept', { timeout: 300_000 }, async () => {
    await using server = await FakeVllm.start({ model: 'tiny', reply: tenTurns });
    const job = `adopt-gone-${process.pid}`;
    await killed(job, server, 4);
    const [container = ''] = await containersOf(job);
    await promisify(execFile)('podman', ['rm', '--force', '--time', '0', container]);
    const again = await runCli(options(bench, job, server));
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect((await resultOf(bench, job)).tbench).toMatchObject({ tries: 2 });
    const earlier = join(bench.results, job, 'ten__1', 'tries', '1');
    expect(await readFile(join(earlier, 'agent', 'journal.jsonl'), 'utf8')).toContain('Turn 3.');
    // What another process would have gone on from holds the sandbox's environment: it is no evidence.
    expect(await readdir(earlier)).not.toContain('claim.json');
  });

  async function expectAdopted(job: string, where: { readonly turn: number; readonly in: string }) {
    const [wanted, got] = [await resultOf(bench, 'calm'), await resultOf(bench, job)];
    expect(got.tbench.resumed).toMatchObject([where]);
    expect(got.tbench.resumed?.[0]?.dead_ms).toBeGreaterThan(0);
    expect(got).toMatchObject({ verifier_result: wanted.verifier_result, tbench: { tries: 1 } });
    expect(got.tbench.totals).toEqual(wanted.tbench.totals);
    expect(await containersOf(job)).toEqual([]);
  }
});
