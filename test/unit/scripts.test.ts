import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(file: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, [...argv], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      });
    });
  });
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tbench-scripts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the set-up scripts on a machine that has almost nothing', () => {
  /** A PATH with the few tools every system has and what the test adds. */
  async function machine(programs: Readonly<Record<string, string>>): Promise<NodeJS.ProcessEnv> {
    for (const tool of ['sh', 'dirname', 'date', 'timeout', 'mktemp', 'rm'])
      await symlink(`/usr/bin/${tool}`, join(folder, tool));
    for (const [name, body] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
      await chmod(join(folder, name), 0o755);
    }
    return { PATH: folder, HOME: folder };
  }
  const run = (script: string, env: NodeJS.ProcessEnv): Promise<Ended> =>
    start('/bin/sh', [`scripts/${script}`], env);

  it('say what to install, and end with 3, where they may not install podman themselves', async () => {
    const ended = await run('install-podman.sh', await machine({ id: 'echo 1000' }));
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/sudo apt-get install podman .*iptables/);
  });

  it('leave a machine with podman and iptables alone', async () => {
    const env = await machine({ id: 'echo 0', podman: 'exit 1', iptables: 'exit 1' });
    expect(await run('install-podman.sh', env)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('leave an image that is there alone', async () => {
    const env = await machine({ podman: 'case "$1" in image) echo 4f2e ;; *) exit 9 ;; esac' });
    expect(await run('build-base-image.sh', env)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('pull the base image when a registry answers', async () => {
    const env = await machine({ podman: 'case "$1" in pull) echo "pulled $3" ;; *) exit 1 ;; esac' });
    const ended = await run('build-base-image.sh', env);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('pulled docker.io/library/debian:bookworm-slim');
  });

  it('say how to bring the base image where no registry answers and it cannot be built', async () => {
    const ended = await run('build-base-image.sh', await machine({ podman: 'exit 125', id: 'echo 1000' }));
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/Install mmdebstrap .* or bring the image: podman load/);
  });
});

describe('the last line of the tests', () => {
  const test = (status: string, fullName: string) => ({ status, fullName });
  async function summary(vitestStatus: string, check: string, report: unknown): Promise<Ended> {
    const path = join(folder, 'report.json');
    if (report !== null) await writeFile(path, JSON.stringify(report));
    return start(process.execPath, ['scripts/test-summary.mjs', vitestStatus, check, path], {});
  }
  const lastLine = ({ stdout }: Ended): string | undefined => stdout.trimEnd().split('\n').at(-1);

  it('counts tests and the check, and names what was skipped', async () => {
    const ended = await summary('0', 'passed', {
      testResults: [
        {
          name: join(root, 'a.test.ts'),
          status: 'passed',
          assertionResults: [test('passed', 'x'), test('pending', 'y')],
        },
      ],
    });
    expect(lastLine(ended)).toBe('2 passed, 0 failed');
    expect(ended.stdout).toContain('skipped: a.test.ts: y');
    expect(ended.code).toBe(0);
  });

  it('counts a file that could not be loaded and a failed check as failures', async () => {
    const ended = await summary('1', 'failed', {
      testResults: [
        {
          name: join(root, 'a.test.ts'),
          status: 'failed',
          message: 'cannot find module',
          assertionResults: [],
        },
        {
          name: join(root, 'b.test.ts'),
          status: 'failed',
          assertionResults: [test('failed', 'z'), test('passed', 'x')],
        },
      ],
    });
    expect(lastLine(ended)).toBe('1 passed, 3 failed');
    expect(ended.stdout).toContain('failed: a.test.ts: cannot find module');
    expect(ended.code).toBe(1);
  });

  it('does not pass when vitest failed without a failed test, or left no report', async () => {
    expect(lastLine(await summary('1', 'passed', { testResults: [] }))).toBe('1 passed, 1 failed');
    await rm(join(folder, 'report.json'));
    expect(lastLine(await summary('1', 'passed', null))).toBe('1 passed, 1 failed');
  });
});
