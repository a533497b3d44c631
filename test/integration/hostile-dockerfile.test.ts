import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { baseImage, openTestEngine } from './engine.js';
import { podman } from './podman.js';

let engine: ContainerEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

/** A folder of the test's own on the host, with a word in a file that no build may ever print. */
let host: string;
let dir: string;
let secret: string;
beforeEach(async () => {
  host = await mkdtemp(join(tmpdir(), 'canary-'));
  dir = await mkdtemp(join(tmpdir(), 'hostile-'));
  secret = randomUUID();
  await writeFile(join(host, 'canary'), secret);
});
afterEach(async () => {
  await rm(host, { recursive: true });
  await rm(dir, { recursive: true });
});

/** All that a build said, whether it was refused, failed or went through. */
async function saidByBuild(dockerfile: string): Promise<string> {
  await writeFile(join(dir, 'Dockerfile'), dockerfile);
  const lines: string[] = [];
  const source = { reference: null, buildContext: dir, dockerfile: 'Dockerfile', buildTimeoutMs: 60_000 };
  try {
    const image = await engine.ensureImage(source, {
      pull: 'never',
      forceBuild: false,
      onProgress: (line) => void lines.push(line),
    });
    await engine.removeImage(image.reference);
  } catch (error) {
    lines.push(String(error));
  }
  return lines.join('\n');
}

/** Says `printed` where the file can be read, so that the secret's absence is not for want of a try. */
const show = (path: string): string => `ls -la /h; cat ${path} || echo no canary there`;

describe('a Dockerfile cannot read the host', () => {
  it('through a link in another stage', async () => {
    const said = await saidByBuild(
      `FROM ${baseImage} AS evil\nRUN ln -s / /e\nFROM ${baseImage}\nRUN --mount=type=bind,from=evil,source=/e,target=/h ${show(`/h${host}/canary`)}\n`,
    );
    expect(said).not.toContain(secret);
    expect(said).toMatch(/will not build|no canary there|failed/);
  });

  it('through a link in another stage, named in a variable', async () => {
    const said = await saidByBuild(
      `FROM ${baseImage} AS evil\nRUN ln -s / /e\nFROM ${baseImage}\nARG F=mount=type=bind,from=evil,source=/e,target=/h\nRUN --$F ${show(`/h${host}/canary`)}\n`,
    );
    expect(said).not.toContain(secret);
  });

  it('through a link in the build context', async () => {
    await symlink(host, join(dir, 'link'));
    const said = await saidByBuild(
      `FROM ${baseImage}\nRUN --mount=type=bind,source=link,target=/h ${show('/h/canary')}\n`,
    );
    expect(said).not.toContain(secret);
  });

  it("through a cache whose id leaves the caches' folder", async () => {
    const id = `${'../'.repeat(12)}${host.slice(1)}`;
    const said = await saidByBuild(
      `FROM ${baseImage}\nRUN --mount=type=cache,id=${id},target=/h ${show('/h/canary')}\n`,
    );
    expect(said).not.toContain(secret);
  });

  it('through a stage whose link is copied from', async () => {
    const said = await saidByBuild(
      `FROM ${baseImage} AS evil\nRUN ln -s ${host} /e\nFROM ${baseImage}\nCOPY --from=evil /e/ /h/\nRUN ${show('/h/canary')}\n`,
    );
    expect(said).not.toContain(secret);
  });
});

describe('a Dockerfile neither reads nor changes the host through a link of its own', () => {
  it.each([
    [
      'that is a VOLUME',
      (target: string) => `RUN ln -s ${target} /v\nVOLUME /v\nRUN touch /v/made; ${show('/v/canary')}`,
    ],
    [
      'below a VOLUME',
      (target: string) =>
        `VOLUME /v\nRUN rm -rf /v/x; ln -s ${target} /v/x\nRUN touch /v/x/made; ${show('/v/x/canary')}`,
    ],
    [
      'that is the working directory',
      (target: string) => `RUN ln -s ${target} /w\nWORKDIR /w/made\nRUN ${show('/w/canary')}`,
    ],
    [
      'that something is copied to',
      (target: string) =>
        `RUN ln -s ${target} /c\nCOPY made /c/\nADD made /c/added\nRUN ${show('/c/canary')}`,
    ],
    [
      'that an archive is unpacked to',
      (target: string) => `RUN ln -s ${target} /c\nADD made.tar /c/\nRUN ${show('/c/canary')}`,
    ],
    [
      'in an archive that is unpacked',
      (target: string) =>
        `RUN mkdir /a\nADD links.tar /a/\nRUN touch /a/out/made; ${show('/a/out/canary')}; ls ${target} || true`,
    ],
    [
      'that the users are read from',
      (target: string) =>
        `RUN cp /etc/passwd /p; ln -sf ${target}/canary /etc/passwd\nUSER nobody\nRUN ${show('/etc/passwd')}`,
    ],
    [
      'that a stage is copied from',
      (target: string) =>
        `RUN ln -s ${target} /e\nFROM ${baseImage}\nCOPY --from=0 /e/canary /h/canary\nRUN ${show('/h/canary')}`,
    ],
    [
      'and the mount of a cache',
      (target: string) =>
        `RUN ln -s ${target} /m\nRUN --mount=type=cache,target=/m touch /m/made; ${show('/m/canary')}`,
    ],
    [
      'and the mount of memory',
      (target: string) => `RUN ln -s ${target} /m\nRUN --mount=type=tmpfs,target=/m ${show('/m/canary')}`,
    ],
  ])('%s', async (_, lines) => {
    await writeFile(join(dir, 'made'), 'made');
    execFileSync('tar', ['-cf', join(dir, 'made.tar'), '-C', dir, 'made']);
    const links = await mkdtemp(join(tmpdir(), 'links-'));
    await symlink(host, join(links, 'out'));
    execFileSync('tar', ['-cf', join(dir, 'links.tar'), '-C', links, 'out']);
    await rm(links, { recursive: true });
    const said = await saidByBuild(`FROM ${baseImage}\nENV ID=${randomUUID()}\n${lines(host)}\n`);
    expect(said).not.toContain(secret);
    expect(await readdir(host)).toEqual(['canary']);
    expect(await readFile(join(host, 'canary'), 'utf8')).toBe(secret);
  });
});

it("an image's ONBUILD is held against the same list, which no Dockerfile shows", async () => {
  const name = `localhost/tbench-test-onbuild-${process.pid}`;
  const container = await podman('create', baseImage, 'true');
  try {
    const trigger = `ONBUILD RUN --mount=type=bind,from=${baseImage},source=/,target=/h ${show(`/h${host}/canary`)}`;
    await podman('commit', '--format', 'docker', '--change', trigger, container, `${name}:latest`);
    const said = await saidByBuild(`ARG BASE=${name}\nFROM --platform=linux/amd64 $BASE AS x\nRUN true\n`);
    expect(said).not.toContain(secret);
    expect(said).toMatch(/will not build .*ONBUILD of|no canary there/);
  } finally {
    await podman('rm', '-f', container);
    await podman('rmi', '-f', `${name}:latest`).catch(() => undefined);
  }
});

it('a harmless mount is still built', async () => {
  const said = await saidByBuild(
    `FROM ${baseImage}\nRUN --mount=type=cache,target=/c echo cached ${randomUUID()}\n`,
  );
  expect(said).toMatch(/^cached /m);
});
