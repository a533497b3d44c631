import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRegistry } from './scene/explain-changes.js';
import { parsePackageReport } from './scene/package-state.js';
import { interpreterOf } from './tests/script/interpreter.js';
import { readPreamble } from './tests/script/preamble.js';
import { readTrace } from './tests/trace.js';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tbench-programs-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The programs that run in sandboxes, run here by themselves. */
describe('list-owners.sh', () => {
  it('follows links and finds the databases that name a file', async () => {
    const tool = join(folder, 'tool');
    const record = join(folder, 'thing-1.0.dist-info', 'RECORD');
    const digest = createHash('sha256').update('x').digest('base64url');
    await mkdir(join(folder, 'thing-1.0.dist-info'));
    await writeFile(tool, 'x');
    await symlink(tool, join(folder, 'link'));
    await writeFile(record, `tool,sha256=${digest},1\nother,sha256=${digest},1\n`);
    const argv = [at('./scene/list-owners.sh'), join(folder, 'link'), '--', record, join(folder, 'missing')];
    const { stdout } = await run('/bin/bash', argv);
    const { links, records } = parseRegistry(stdout);
    expect([...links]).toEqual([[join(folder, 'link'), tool]]);
    expect([...records.keys()]).toEqual([tool]);
    expect(records.get(tool)).toMatchObject([{ by: 'pip thing-1.0', digest }]);
  });
});

describe('package-state.sh', () => {
  it('counts the CPU time of what runs, and prints nothing that cannot be read back', async () => {
    const { stdout } = await run('/bin/bash', [at('./scene/package-state.sh')]);
    expect(parsePackageReport(stdout).ticks).toBeGreaterThan(0);
    for (const line of stdout.trim().split('\n'))
      expect(line).toMatch(/^(?:holder \d+ \d+ \/|ticks \d+$|interrupted$|half )/);
  });
});

const launcher = readFileSync(at('./tests/script/launch.sh'), 'utf8');

/** Some systems have bash as their sh. */
const nameOfSh = execFileSync('/bin/sh', ['-c', 'echo "${BASH_VERSION:+ba}sh"']).toString().trim();

describe('launch.sh', () => {
  it('tells the surroundings, then runs the script with its trace apart from its output', async () => {
    const script = join(folder, 'test.sh');
    await writeFile(script, `echo out; echo err >&2; cat; echo 0.5 > ${join(folder, 'reward.txt')}\n`);
    const { stdout, stderr } = await run('/bin/bash', ['-c', launcher, script, 'bash']);
    expect(stdout).toBe('out\nerr\n');
    const [preamble = '', trace = ''] = stderr.split('--- tests\n');
    expect(readPreamble(preamble).hosts.length).toBeGreaterThan(0);
    expect(readTrace(trace)).toEqual({ commands: 5, reward: 0.5 });
  });

  it.each([
    ['launch.sh', '#!/bin/bash -e', 'e bash 0\n'],
    ['launch.sh', '#!/usr/bin/env bash -eu', 'eu bash 0\n'],
    ['launch.sh', '#!/bin/bash -o pipefail', ' bash 0\nafter\n'],
    ['launch.sh', '#!/bin/bash -O extglob', ' bash 0\nafter\n'],
    ['launch.sh', '#!/bin/sh', ' sh-name 0\nafter\n'],
    ['launch.sh', '#!/bin/sh -e', 'e sh-name 0\n'],
    ['launch.sh', '# none', ' bash 0\nafter\n'],
    ['launch-plain.sh', '#!/bin/bash -euo pipefail', 'eu sh-name 0\n'],
    ['launch-plain.sh', '#!/bin/sh -e', 'e sh-name 0\n'],
    ['launch-plain.sh', '# none', ' sh-name 0\nafter\n'],
  ])('%s runs a script that begins with %s as that says', async (program, line, expected) => {
    const script = join(folder, 'test.sh');
    const shown = 'e=; u=; case $- in *e*) e=e ;; esac; case $- in *u*) u=u ;; esac';
    const text = `${line}\n${shown}; b=\${BASH_VERSION-}; echo "$e$u \${b:+ba}sh $#"; false; echo after\n`;
    await writeFile(script, text);
    const { kind, ...how } = interpreterOf(text);
    const argv = [kind, ...('options' in how ? how.options : how.argv)];
    const shell = program === 'launch.sh' ? '/bin/bash' : '/bin/sh';
    const source = readFileSync(at(`./tests/script/${program}`), 'utf8');
    const ended = await run(shell, ['-c', source, script, ...argv]).catch((error: unknown) => error);
    expect((ended as { stdout: string }).stdout).toBe(expected.replace('sh-name', nameOfSh));
  });

  it('tells what listens among thousands of sockets, without going through them again and again', async () => {
    const server = createServer();
    const accepted: Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const opened = await Promise.all(
      Array.from({ length: 3_000 }, async () => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      }),
    );
    try {
      const script = join(folder, 'test.sh');
      await writeFile(script, 'echo out\n');
      const { stderr } = await run('/bin/bash', ['-c', launcher, script, 'bash']);
      expect(readPreamble(stderr.split('--- tests\n')[0] ?? '').sockets).toContain(`127.0.0.1:${port}`);
    } finally {
      for (const socket of [...opened, ...accepted]) socket.destroy();
      server.close();
    }
  });
});
