import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { say } from '../contract/sandbox-subject.js';
import { baseImage, openTestEngine, testSpec } from './engine.js';

let engine: ContainerEngine;
let dir: string;
beforeAll(async () => {
  engine = await openTestEngine();
  dir = await mkdtemp(join(tmpdir(), 'tbench-images-'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a command in a sandbox of an image that these lines make of the base image. */
async function sayIn(name: string, lines: readonly string[], command: string): Promise<string> {
  await writeFile(join(dir, name), [`FROM ${baseImage}`, ...lines, ''].join('\n'));
  const reference = `localhost/tbench-test-${name}:latest`;
  const source = { reference, buildContext: dir, dockerfile: name, buildTimeoutMs: 120_000 };
  const image = await engine.ensureImage(source, { pull: 'never', forceBuild: true });
  await using sandbox = await engine.createSandbox(testSpec(image.id, { image }));
  return (await say(sandbox, command)).trim();
}

describe('a sandbox of an image', () => {
  it('with bash elsewhere uses that bash', async () => {
    const moved = ['RUN mkdir -p /opt/bin && mv /bin/bash /opt/bin/bash', 'ENV PATH=/opt/bin:/usr/bin:/bin'];
    expect(await sayIn('bash-elsewhere', moved, 'a=(1 2); echo ${a[1]}; command -v bash')).toBe(
      '2\n/opt/bin/bash',
    );
  });

  it('with an entrypoint that runs its arguments starts behind it', async () => {
    const entry = ['ENTRYPOINT ["/usr/bin/env", "OF_ENTRY=1"]', 'CMD ["x"]'];
    expect(await sayIn('entrypoint', entry, 'echo here $OF_ENTRY')).toBe('here 1');
  });

  it('with a user who has no home and no name runs as that user', async () => {
    expect(await sayIn('no-home', ['USER 4321:4321'], 'id -u; cd /tmp && echo a >f && cat f')).toBe(
      '4321\na',
    );
  });

  it('with a volume keeps what the image has there, and can write to it', async () => {
    const volume = ['RUN mkdir /data && echo kept >/data/file', 'VOLUME /data'];
    expect(await sayIn('volume', volume, 'cat /data/file; echo new >/data/new && cat /data/new')).toBe(
      'kept\nnew',
    );
  });

  it('with folders that nobody may write to works where it may', async () => {
    const closed = ['RUN mkdir /closed && chmod 555 /closed /srv', 'USER 1000:1000', 'WORKDIR /closed'];
    expect(await sayIn('read-only-parts', closed, 'pwd; touch x 2>/dev/null || echo refused')).toBe(
      '/closed\nrefused',
    );
  });
});
