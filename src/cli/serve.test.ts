import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sleep } from '../base/deadline.js';
import { serveCommand } from './serve.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-serve-'));
  vi.stubEnv('PATH', `${dir}:${process.env['PATH'] ?? ''}`);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(dir, { recursive: true, force: true });
});

/** A server that has an engine of its own beside it, as vLLM does, and then runs `then`. */
async function fakeVllm(then: string): Promise<void> {
  const program = join(dir, 'vllm');
  await writeFile(
    program,
    `#!/bin/sh\nsleep 1000 </dev/null >/dev/null 2>&1 &\necho $! >'${dir}/engine'\n${then}\n`,
  );
  await chmod(program, 0o755);
}

async function engineLives(): Promise<boolean> {
  const pid = Number(await readFile(join(dir, 'engine'), 'utf8'));
  // A zombie that nobody reaps yet has ended too.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
}

it.each([
  ['is killed', 'kill -9 $$', 'code of a signal'],
  ['ends by itself', 'exit 3', 'code 3'],
])('leaves no engine behind when the server %s', async (_, then, told) => {
  await fakeVllm(then);
  const serving = serveCommand().parseAsync(['model', '--exec', '--port', '18191'], { from: 'user' });
  await expect(serving).rejects.toThrow(told);
  for (let look = 0; look < 50 && (await engineLives()); look += 1) await sleep(20);
  expect(await engineLives()).toBe(false);
});

it('keeps what the server says in the file of --log', async () => {
  await fakeVllm('echo loading; echo broken >&2; exit 1');
  const log = join(dir, 'server.log');
  const serving = serveCommand().parseAsync(['m', '--exec', '--port', '18191', '--log', log], {
    from: 'user',
  });
  await expect(serving).rejects.toThrow('code 1');
  await expect.poll(() => readFile(log, 'utf8')).toMatch(/loading[^]*broken|broken[^]*loading/);
});

it('leaves the parser out for a harness that takes commands from text, and takes a name to serve under', async () => {
  const harness = join(dir, 'text.yaml');
  const tmax = await readFile('harness/tmax.yaml', 'utf8');
  await writeFile(harness, tmax.replace(/^actions:\n/m, 'actions:\n  text_pattern: "<run>(.+)</run>"\n'));
  const options = ['--harness', harness, '--served-model-name', 'mine', '--revision', 'r1'];
  await serveCommand().parseAsync(['model', ...options], { from: 'user' });
  const told = String(vi.spyOn(process.stdout, 'write').mock.lastCall?.[0]);
  expect(told).not.toContain('parser');
  expect(told).toContain('--revision r1 --tokenizer-revision r1 --served-model-name mine');
});
