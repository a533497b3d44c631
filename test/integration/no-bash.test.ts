import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { interpreterOf } from '../../src/verifier/tests/script/interpreter.js';
import { runScript } from '../../src/verifier/tests/script/run-script.js';
import { loadTask } from '../../src/dataset/load-task.js';
import { harborTask, scratchFolder } from '../doubles/task-folder.js';
import { busyboxImage, ensureBusyboxImage } from './busybox-image.js';
import { openTestEngine, openTestSandbox } from './engine.js';

let engine: ContainerEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function testsSay(sandbox: Sandbox, script: string) {
  await using scratch = await scratchFolder();
  const dir = await scratch.write(harborTask('task'));
  const task = await loadTask(join(dir, 'task'));
  await sandbox.upload('/tests', [{ path: 'test.sh', content: Buffer.from(script), mode: 0o755 }]);
  const run = await runScript(sandbox, task, {
    env: sandbox.env,
    user: sandbox.user,
    interpreter: interpreterOf(script),
    timeoutMs: 20_000,
    after: Promise.resolve(),
    signal: new AbortController().signal,
  });
  return { output: run.output, started: run.started, exitCode: run.exitCode };
}

it('an image without bash runs its tests by its sh, whatever their first line names', async () => {
  const id = await ensureBusyboxImage();
  await using sandbox = await openTestSandbox(engine, { image: { reference: busyboxImage, id } });
  expect(sandbox.bashPath).toBeNull();
  const wanted = { output: 'hi\n', started: true, exitCode: 3 };
  expect(await testsSay(sandbox, 'echo hi\nexit 3\n')).toEqual(wanted);
  expect(await testsSay(sandbox, '#!/bin/bash\necho hi\nexit 3\n')).toEqual(wanted);
  expect(await testsSay(sandbox, '#!/bin/sh\necho hi >&2\nexit 3\n')).toEqual(wanted);
  expect(await testsSay(sandbox, '#!/bin/busybox awk -f\nBEGIN { print "hi"; exit 3 }\n')).toEqual(wanted);
});

it('bash is found wherever the image has it on its PATH', async () => {
  await using first = await openTestSandbox(engine);
  const move = ['/bin/sh', '-c', 'mkdir -p /opt/tools && mv /bin/bash /opt/tools/bash'];
  await first.exec(move, { timeoutMs: 20_000, user: '0' });
  const reference = `localhost/tbench-test-moved-bash:${process.pid}`;
  const id = await first.snapshot(reference);
  try {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/opt/tools' };
    await using sandbox = await openTestSandbox(engine, { image: { reference, id }, env });
    expect(sandbox.bashPath).toBe('/opt/tools/bash');
    const said = await testsSay(sandbox, 'a=(h i)\nexec 2>/dev/null\necho "${a[0]}${a[1]}"\nexit 3\n');
    expect(said).toEqual({ output: 'hi\n', started: true, exitCode: 3 });
    const long = `x='${'x'.repeat(300_000)}'; [[ \${#x} == 300000 ]] && echo whole`;
    const options = { timeoutMs: 20_000, keepsState: false };
    expect((await sandbox.run(long, options)).output.head).toBe('whole\n');
  } finally {
    await engine.removeImage(reference);
  }
});
