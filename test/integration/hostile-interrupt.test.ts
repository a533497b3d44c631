import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCli } from './cli.js';

/** Put into the command before it begins: a second after it says that it is there, its main thread does not come back from `work`. */
const busyWith = (work: string): string =>
  `--import data:text/javascript,${encodeURIComponent(`import{isMainThread}from'node:worker_threads';import{readFileSync}from'node:fs';
const write=process.stdout.write.bind(process.stdout);
if(isMainThread)process.stdout.write=(...given)=>{setTimeout(()=>{process.stderr.write('busy now');${work}},1000);return write(...given)};`)}`;

it.each([
  ['a loop without end', 'for(;;);'],
  ['a pattern that takes for ever', "/^(a+)+$/.test('a'.repeat(64)+'b');"],
  ['a pipe that never answers', 'readFileSync(process.env.TEST_PIPE);'],
  ['a wait for nobody', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0);'],
])('SIGINT twice ends tbench in the middle of %s', async (_, work) => {
  const dir = await mkdtemp(join(tmpdir(), 'hostile-interrupt-'));
  try {
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    const command = startCli(['view', dir, '--port', '0'], {
      NODE_OPTIONS: busyWith(work),
      TEST_PIPE: join(dir, 'pipe'),
    });
    await command.saw('busy now');
    command.process.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 500));
    command.process.kill('SIGINT');
    // By the signal, as a shell expects of an interrupted process; 130 where the main thread heard it first.
    expect([null, 130]).toContain((await command.ended).code);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
