import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';

// Each starts a process of its own, which takes seconds where others work beside it.
vi.setConfig({ testTimeout: 60_000 });

const interrupt = fileURLToPath(new URL('./interrupt.ts', import.meta.url));

const started: ChildProcess[] = [];
afterEach(() => started.forEach((child) => child.kill('SIGKILL')));

/** A process that listens for Ctrl-C and then does `work`; it says `ready` before. */
function start(work: string) {
  const script = `import { listenForInterrupt } from ${JSON.stringify(interrupt)};
    const interrupt = listenForInterrupt();
    interrupt.signal.addEventListener('abort', () => process.stderr.write('aborted'));
    setTimeout(() => { process.stderr.write('ready'); ${work} }, 2_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  started.push(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number,
    signal: signal as string,
  }));
  const saw = (text: string) => expect.poll(() => said, { timeout: 60_000 }).toContain(text);
  return { child, ended, saw };
}

it('a second Ctrl-C ends a process whose main thread never comes back', async () => {
  const { child, ended, saw } = start('for (;;);');
  await saw('ready');
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill('SIGINT');
  // An interrupted process, as a shell sees it: 130.
  expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
});

it('the first Ctrl-C asks for a clean end, the second ends the process with 130', async () => {
  const { child, ended, saw } = start('setInterval(() => {}, 1000);');
  await saw('ready');
  child.kill('SIGINT');
  await saw('aborted');
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, signal: null });
});

it('a single Ctrl-C while the main thread is busy is heard when it is free again', async () => {
  const { child, ended, saw } = start(
    'const t = Date.now(); while (Date.now() - t < 1500); setTimeout(() => process.exit(7), 1000);',
  );
  await saw('ready');
  child.kill('SIGINT');
  await saw('aborted');
  expect(await ended).toEqual({ code: 7, signal: null });
});

it('what was opened to listen does not keep a finished process alive', async () => {
  const { ended } = start('interrupt[Symbol.dispose]();');
  expect(await ended).toEqual({ code: 0, signal: null });
});
