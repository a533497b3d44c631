import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { baseImage, testSpec } from './engine.js';
import { useBuildFolder } from './build-folder.js';

const folder = useBuildFolder();

const soon = { timeoutMs: 20_000 };

/** A sandbox of an image with this ENTRYPOINT; `script` is its /start.sh. */
async function open(entrypoint: string, script: string): Promise<Sandbox> {
  await writeFile(join(folder.dir, 'start.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await writeFile(
    join(folder.dir, 'Dockerfile'),
    `FROM ${baseImage}\nENV ID=${randomUUID()}\nCOPY start.sh /start.sh\nWORKDIR /srv\nENTRYPOINT ${entrypoint}\n`,
  );
  const source = {
    reference: null,
    buildContext: folder.dir,
    dockerfile: 'Dockerfile',
    buildTimeoutMs: 60_000,
  };
  const image = await folder.engine.ensureImage(source, { pull: 'never', forceBuild: false });
  folder.built.push(image.reference);
  return folder.engine.createSandbox({ ...testSpec(image.id), image });
}

it("an image without a shell is the task's error, named", async () => {
  await writeFile(join(folder.dir, 'data'), randomUUID());
  await writeFile(join(folder.dir, 'Dockerfile'), 'FROM scratch\nCOPY data /data\n');
  const source = {
    reference: null,
    buildContext: folder.dir,
    dockerfile: 'Dockerfile',
    buildTimeoutMs: 60_000,
  };
  const image = await folder.engine.ensureImage(source, { pull: 'never', forceBuild: false });
  folder.built.push(image.reference);
  const failure = folder.engine.createSandbox({ ...testSpec(image.id), image });
  await expect(failure).rejects.toMatchObject({
    code: 'bad-task',
    message: `image ${image.reference} has no /bin/sh, which every command is run by`,
  });
});

describe("an image's ENTRYPOINT", () => {
  it('runs before the first command, which sees what it made and exported', async () => {
    const script = 'echo starting; echo made > /srv/token; export GREETING=hello; exec "$@"';
    await using sandbox = await open('["/start.sh"]', script);
    const { output } = await sandbox.run('cat token; echo $GREETING; pwd', soon);
    expect(output.head).toBe('made\nhello\n/srv\n');
    expect((await sandbox.exec(['/bin/cat', '/srv/token'], soon)).stdout).toBe('made\n');
  });

  it('that stays in front of its arguments leaves a sandbox like any other', async () => {
    await using sandbox = await open('["/start.sh"]', 'echo made > /srv/token; "$@"');
    expect((await sandbox.run('sleep 9', { timeoutMs: 300 })).exitCode).toBe(124);
    expect((await sandbox.run('cat /srv/token', soon)).output.head).toBe('made\n');
    expect((await sandbox.exec(['/bin/cat', '/srv/token'], soon)).stdout).toBe('made\n');
  });

  it('that is only a shell is none', async () => {
    await using sandbox = await open('["/bin/bash", "-c"]', '');
    expect((await sandbox.run('echo here', soon)).output.head).toBe('here\n');
  });

  it.each([
    ['ends', '["/start.sh"]', 'echo no configuration >&2; exit 3', /start\.sh.*did not run/s],
    ['is written as a shell command', '/start.sh', 'exec "$@"', /start\.sh.*is a shell command/s],
    ['does not exist', '["/nowhere"]', '', /nowhere.*did not run/s],
  ])("that %s is the task's error, named", async (_, entrypoint, script, message) => {
    const failure = open(entrypoint, script);
    await expect(failure).rejects.toMatchObject({
      code: 'bad-task',
      message: expect.stringMatching(message) as string,
    });
  });
});
