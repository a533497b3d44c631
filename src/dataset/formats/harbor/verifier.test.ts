import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../../../test/doubles/task-folder.js';
import { loadTask } from '../../load-task.js';

let scratch: ScratchFolder;
beforeEach(async () => void (scratch = await scratchFolder()));
afterEach(() => scratch[Symbol.asyncDispose]());

async function separateOf(toml: string, files: Record<string, string> = {}) {
  await scratch.write({ ...harborTask('one', toml), ...files });
  const { verifier, dir } = await loadTask(path.join(scratch.dir, 'one'));
  const { separate } = verifier;
  return { separate, verifier, context: separate?.environment.buildContext?.replace(dir, '') ?? null };
}

const separateMode = '[verifier]\nenvironment_mode = "separate"\n';
const testsImage = { 'one/tests/Dockerfile': 'FROM x\n' };

describe("a separate verifier's environment", () => {
  it("is the agent's with all its settings, and gets the tests, where nothing else is declared", async () => {
    const limits =
      '[environment]\ncpus = 3\nworkdir = "/w"\n[environment.env]\nA = "1"\n[environment.healthcheck]\ncommand = "x"\n';
    const { separate, context, verifier } = await separateOf(separateMode + limits);
    expect(separate).toMatchObject({
      bundled: false,
      environment: { cpus: 3, workdir: '/w', env: { A: '1' }, healthcheck: null },
    });
    expect(context).toBe('/environment');
    expect(verifier.testsDirs).toHaveLength(1);
  });

  it('is built from tests/ where that holds a Dockerfile, with the settings of [environment]', async () => {
    const { separate, context, verifier } = await separateOf(
      `${separateMode}[environment]\nmemory_mb = 64\n`,
      testsImage,
    );
    expect(separate).toMatchObject({ bundled: true, environment: { memoryBytes: 64 * 2 ** 20 } });
    expect([context, verifier.testsDirs]).toEqual(['/tests', []]);
  });

  it('has only the settings of its own table, except for the time to build', async () => {
    const toml = '[environment]\ncpus = 3\nbuild_timeout_sec = 7\n[verifier.environment]\nmemory_mb = 64\n';
    const { separate } = await separateOf(toml, testsImage);
    expect(separate?.environment).toMatchObject({
      cpus: null,
      memoryBytes: 64 * 2 ** 20,
      buildTimeoutMs: 7_000,
    });
  });

  it('is the prebuilt image that its table names, before a Dockerfile in tests/', async () => {
    const { separate, context } = await separateOf(
      '[verifier.environment]\ndocker_image = "judge"\n',
      testsImage,
    );
    expect(separate).toMatchObject({ bundled: true, environment: { dockerImage: 'judge' } });
    expect(context).toBeNull();
  });

  it('needs no test script beside an image that carries it', async () => {
    await scratch.write(harborTask('one', '[verifier.environment]\ndocker_image = "judge"\n'));
    await rm(path.join(scratch.dir, 'one', 'tests'), { recursive: true });
    expect((await loadTask(path.join(scratch.dir, 'one'))).verifier.separate?.bundled).toBe(true);
  });
});
