import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCli } from './cli.js';

/** Put into the command before it begins: after two seconds its main thread never comes back. */
const busy = `import{isMainThread}from'node:worker_threads';
if(isMainThread)setTimeout(()=>{process.stderr.write('busy now');for(;;);},Number(process.env.TEST_BUSY_AFTER_MS));`;

it.each([['view', '--port', '0'], ['worker', '--queue', 'redis://127.0.0.1:9'], ['doctor']])(
  'SIGINT twice ends tbench %s whatever it is doing',
  async (...args) => {
    const dir = await mkdtemp(join(tmpdir(), 'hostile-interrupt-'));
    try {
      const of = args[0] === 'view' ? [...args, dir] : args;
      const command = startCli(of, {
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(busy)}`,
        TEST_BUSY_AFTER_MS: '4000',
      });
      await command.saw('busy now');
      command.process.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 500));
      command.process.kill('SIGINT');
      const { code } = await command.ended;
      // Ended by the signal, as a shell expects it, or by 130 where the main thread was not yet busy.
      expect([null, 130]).toContain(code);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
);
