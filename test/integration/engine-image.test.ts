import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ImageOptions, ImageSource } from '../../src/sandbox/container-engine.js';
import { baseImage } from './engine.js';
import { useBuildFolder } from './build-folder.js';
import { podman } from './podman.js';

const folder = useBuildFolder();

const source = (overrides: Partial<ImageSource>): ImageSource => ({
  reference: null,
  buildContext: null,
  dockerfile: 'Dockerfile',
  buildTimeoutMs: 60_000,
  ...overrides,
});
const missing: ImageOptions = { pull: 'missing', forceBuild: false };

async function build(
  options: Partial<ImageOptions> = {},
): Promise<{ reference: string; id: string; base?: string | null; lines: string[] }> {
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  const image = await folder.engine.ensureImage(source({ buildContext: folder.dir }), {
    ...missing,
    onProgress,
    ...options,
  });
  folder.built.push(image.reference);
  return { ...image, lines };
}

describe('building', () => {
  it('happens once for the same content, and anew when the content changes', async () => {
    await writeFile(
      join(folder.dir, 'Dockerfile'),
      `FROM ${baseImage}\nCOPY f /f\nRUN echo ${randomUUID()}\n`,
    );
    await writeFile(join(folder.dir, 'f'), '1');
    const first = await build();
    const second = await build();
    await writeFile(join(folder.dir, 'f'), '2');
    const third = await build();
    expect(first.lines.length).toBeGreaterThan(0);
    expect(second).toMatchObject({ reference: first.reference, id: first.id, lines: [] });
    expect(third.reference).not.toBe(first.reference);
  });

  it('finds a short name in FROM among the local images, asking no registry', async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM debian:bookworm-slim\nENV ID=${randomUUID()}\n`);
    const image = await build({ pull: 'never' });
    expect(image.reference).toMatch(/^localhost\/tbench\//);
    // A tag may be another image tomorrow: what was built on is kept by its digest, also when it was built before.
    expect(image.base).toMatch(/^debian:bookworm-slim@sha256:[0-9a-f]{64}$/);
    expect((await build({ pull: 'never' })).base).toBe(image.base);
  });

  it('is done once when two processes want the same image', async () => {
    await writeFile(
      join(folder.dir, 'Dockerfile'),
      `FROM ${baseImage}\nRUN sleep 1; echo ${randomUUID()} > /id\n`,
    );
    const script = new URL('./engine-builder.ts', import.meta.url).pathname;
    const run = (): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', script, folder.dir]);
    const outputs = (await Promise.all([run(), run()])).map(({ stdout }) => stdout.trim().split('\n'));
    const images = outputs.map((lines) => lines.at(-1));
    folder.built.push(images[0]?.split(' ')[1] ?? '');
    expect(images[0]).toMatch(/^image localhost/);
    expect(images[1]).toBe(images[0]);
    expect(outputs.filter((lines) => lines.some((line) => line.includes('sleep 1')))).toHaveLength(1);
  });

  it('that fails says which step and what it printed, blames the task, and is not done again', async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nRUN echo the reason >&2; exit 7\n`);
    const wanted = { code: 'bad-task', message: expect.stringMatching(/the reason/) as string };
    const lines: string[] = [];
    const ask = (): Promise<unknown> =>
      folder.engine.ensureImage(source({ buildContext: folder.dir }), {
        ...missing,
        onProgress: (line) => lines.push(line),
      });
    await Promise.all([ask(), ask(), ask()].map((failure) => expect(failure).rejects.toMatchObject(wanted)));
    expect(lines.filter((line) => line === 'the reason')).toHaveLength(1);
  });

  it('that fails is not done again for other tasks of the same files, each told of its own folder', async () => {
    const dirs = ['first', 'second', 'third'].map((name) => join(folder.dir, name));
    const lines: string[] = [];
    for (const dir of dirs) {
      await mkdir(dir);
      await writeFile(join(dir, 'Dockerfile'), `FROM ${baseImage}\nRUN echo the shared reason >&2; exit 7\n`);
    }
    const failures = dirs.map((dir) => {
      const onProgress = (line: string): void => void lines.push(line);
      const failure = folder.engine.ensureImage(source({ buildContext: dir }), { ...missing, onProgress });
      return expect(failure).rejects.toMatchObject({
        code: 'bad-task',
        message: expect.stringMatching(new RegExp(`${dir}[^]*the shared reason`)) as string,
      });
    });
    await Promise.all(failures);
    expect(lines.filter((line) => line === 'the shared reason')).toHaveLength(1);
  });

  it('of here-documents on an engine that cannot read them says so', async () => {
    const { name, version } = folder.engine.info;
    if (name !== 'podman' || !/^4\.[0-7]\./.test(version)) return;
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nRUN <<EOF\necho hi\nEOF\n`);
    const failure = folder.engine.ensureImage(source({ buildContext: folder.dir }), missing);
    await expect(failure).rejects.toMatchObject({
      code: 'bad-task',
      hint: expect.stringMatching(/here-documents/) as string,
    });
  });

  it('that takes too long is ended', async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nRUN sleep 15\n`);
    const failure = folder.engine.ensureImage(
      source({ buildContext: folder.dir, buildTimeoutMs: 1_000 }),
      missing,
    );
    await expect(failure).rejects.toThrow(/longer than 1 s/);
  });

  it('that is cancelled ends with the reason', async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nRUN sleep 15\n`);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stop it')), 700);
    const failure = folder.engine.ensureImage(source({ buildContext: folder.dir }), {
      ...missing,
      signal: controller.signal,
    });
    await expect(failure).rejects.toThrow('stop it');
  });
});

describe('pulling', () => {
  const nowhere = 'localhost:9/nobody/nothing:1';

  it('is not tried when the image is here under its full name', async () => {
    const image = await folder.engine.ensureImage(source({ reference: 'debian:bookworm-slim' }), {
      ...missing,
      pull: 'never',
    });
    expect(image.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('is refused under the policy never, with what to do', async () => {
    const failure = folder.engine.ensureImage(source({ reference: nowhere }), { ...missing, pull: 'never' });
    await expect(failure).rejects.toMatchObject({
      code: 'image',
      hint: expect.stringMatching(/podman pull/) as string,
    });
  });

  it("that fails builds the task's Dockerfile instead, and says so", async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nENV ID=${randomUUID()}\n`);
    const lines: string[] = [];
    const onProgress = (line: string): void => void lines.push(line);
    const image = await folder.engine.ensureImage(source({ reference: nowhere, buildContext: folder.dir }), {
      ...missing,
      onProgress,
    });
    folder.built.push(image.reference);
    expect(image.reference).toMatch(/^localhost\/tbench\//);
    expect(lines[0]).toMatch(/cannot pull .*building the task's Dockerfile instead/);
  });

  it('builds instead of pulling when a build is forced', async () => {
    await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nENV ID=${randomUUID()}\n`);
    const forced = { ...missing, forceBuild: true };
    const image = await folder.engine.ensureImage(
      source({ reference: baseImage, buildContext: folder.dir }),
      forced,
    );
    folder.built.push(image.reference);
    expect(image.reference).toMatch(/^localhost\/tbench\//);
  });
});

it('removes images that it built and leaves the others', async () => {
  await writeFile(join(folder.dir, 'Dockerfile'), `FROM ${baseImage}\nENV ID=${randomUUID()}\n`);
  const image = await folder.engine.ensureImage(source({ buildContext: folder.dir }), missing);
  await folder.engine.removeImage(image.reference);
  await folder.engine.removeImage(image.reference);
  expect(await podman('images', '-q', image.reference)).toBe('');
  expect(await podman('images', '-q', baseImage)).not.toBe('');
});
