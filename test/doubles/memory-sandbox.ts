import { lstat, readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { DeadlineReached, openDeadline, sleep } from '../../src/base/deadline.js';
import { InputError, SandboxError } from '../../src/base/errors.js';
import { OutputCapture } from '../../src/sandbox/shell/output-capture.js';
import type {
  CommandOptions,
  CommandResult,
  ExecOptions,
  ExecResult,
  Sandbox,
  UploadFile,
} from '../../src/sandbox/sandbox.js';
import { unpack } from '../../src/sandbox/files/unpack.js';
import { runMemoryShell, type MemoryShellContext, type MemoryShellState } from './memory-shell.js';

/** Answers a command instead of the little shell; undefined leaves it to the shell. */
export type MemoryScript = (
  command: string,
  sandbox: MemorySandbox,
) => { readonly output: string; readonly exitCode?: number } | undefined;

export interface MemorySandboxOptions {
  readonly script?: MemoryScript;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly workdir?: string;
  readonly mounts?: readonly string[];
  readonly outputLimits?: { readonly head: number; readonly tail: number };
}

interface MemoryFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** What a command in a sandbox of no container came to. */
type Outcome = { readonly exitCode: number; readonly timedOut: boolean };

/**
 * A `Sandbox` in memory, under the same contract suite as the real one (test/contract/sandbox.ts): a map of files and the
 * little shell of memory-shell.ts, or a script of your own.
 */
export class MemorySandbox implements Sandbox {
  readonly id = 'memory';
  readonly image = { reference: 'memory', id: 'sha256:0' };
  readonly env = {};
  readonly user = 'root';
  readonly bashPath = '/bin/bash';
  readonly limits = {
    cpus: 1,
    memoryBytes: 2 ** 30,
    pids: 100,
    network: 'none',
    reach: 'none' as const,
    capabilities: [],
    warnings: [],
  };
  readonly mounts: readonly string[];
  readonly workdir: string;
  /** Commands run so far, in order. */
  readonly commands: string[] = [];
  readonly files = new Map<string, MemoryFile>();
  private readonly state: MemoryShellState;
  private underway: { readonly command: string; readonly stop: AbortController } | null = null;

  constructor(private readonly options: MemorySandboxOptions = {}) {
    this.workdir = options.workdir ?? '/';
    this.mounts = options.mounts ?? [];
    this.state = { cwd: this.workdir, exported: new Map() };
    for (const [path, content] of Object.entries(options.files ?? {})) {
      this.files.set(path, { content: Buffer.from(content), mode: 0o644 });
    }
  }

  async run(command: string, options: CommandOptions): Promise<CommandResult> {
    options.signal?.throwIfAborted();
    if (!(options.timeoutMs > 0))
      throw new InputError(`a command's timeout must be above 0, not ${options.timeoutMs} ms`);
    const startedAt = performance.now();
    const capture = new OutputCapture(this.options.outputLimits ?? { head: 5_000, tail: 5_000 });
    const state = { cwd: this.state.cwd, exported: new Map(this.state.exported) };
    const write = (bytes: string | Buffer): void => {
      capture.push(Buffer.from(bytes));
      options.onOutput?.(Buffer.from(bytes));
    };
    const outcome = command.includes('\0')
      ? refuse(capture)
      : await this.runWithin(command, options, { state, write });
    if (!outcome.timedOut && options.keepsState !== false) {
      this.state.cwd = state.cwd;
      this.state.exported.clear();
      for (const [name, value] of state.exported) this.state.exported.set(name, value);
    }
    const durationMs = performance.now() - startedAt;
    return { ...outcome, output: capture.finish(), outOfMemory: false, notice: null, durationMs };
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    await options.after;
    const startedAt = performance.now();
    let stdout = '';
    const state = { cwd: options.cwd ?? this.workdir, exported: new Map(Object.entries(options.env ?? {})) };
    const command = argv.map((word) => `'${word}'`).join(' ');
    const outcome = await this.runWithin(command, options, {
      state,
      write: (bytes) => (stdout += bytes.toString()),
    });
    return { ...outcome, stdout, stderr: '', droppedBytes: 0, durationMs: performance.now() - startedAt };
  }

  open(): Promise<never> {
    return Promise.reject(new SandboxError('a sandbox in memory starts no programs'));
  }

  readFile(path: string, maxBytes: number): Promise<Buffer | null> {
    const content = this.files.get(path)?.content ?? null;
    if (content === null || content.length <= maxBytes) return Promise.resolve(content);
    const message = `${path} has ${content.length} bytes, more than the ${maxBytes} that may be read`;
    return Promise.reject(new SandboxError(message));
  }

  upload(targetDir: string, files: readonly UploadFile[]): Promise<void> {
    for (const { path, content, mode } of files) {
      const parts = path.split('/');
      if (parts.includes('..') || parts.includes('')) {
        return Promise.reject(
          new InputError(`cannot upload ${JSON.stringify(path)}: it must lie below ${targetDir}`),
        );
      }
      this.files.set(posix.join(targetDir, path), { content, mode });
    }
    return Promise.resolve();
  }

  download: Sandbox['download'] = async (path, hostDir, limits) => {
    const below = [...this.files].filter(([name]) => name === path || name.startsWith(`${path}/`));
    if (below.length === 0) return null;
    const tar = pack();
    if (!this.files.has(path)) tar.entry({ name: `${posix.basename(path)}/`, type: 'directory' });
    for (const [name, { content, mode }] of below) {
      tar.entry({ name: posix.join(posix.basename(path), name.slice(path.length)), mode }, content);
    }
    tar.finalize();
    return unpack(Readable.from(tar), hostDir, limits);
  };

  async send(hostPath: string, targetDir: string, { name }: { readonly name: string }): Promise<void> {
    const isFolder = (await lstat(hostPath)).isDirectory();
    const below = isFolder ? await readdir(hostPath, { recursive: true, withFileTypes: true }) : [];
    const files = below
      .filter((entry) => entry.isFile())
      .map((entry) => posix.join(entry.parentPath, entry.name));
    for (const path of isFolder ? files : [hostPath]) {
      const place = isFolder ? posix.relative(hostPath, path) : name;
      this.files.set(posix.join(targetDir, place), { content: await readFile(path), mode: 0o644 });
    }
  }

  stat: Sandbox['stat'] = (path) => {
    const file = this.files.get(path);
    if (file !== undefined) {
      return Promise.resolve({ kind: 'file' as const, sizeBytes: file.content.length, mode: file.mode });
    }
    const isFolder = [...this.files.keys()].some((name) => name.startsWith(`${path}/`));
    return Promise.resolve(isFolder ? { kind: 'directory' as const, sizeBytes: 0, mode: 0o755 } : null);
  };

  remove(path: string): Promise<void> {
    for (const name of this.files.keys())
      if (name === path || name.startsWith(`${path}/`)) this.files.delete(name);
    return Promise.resolve();
  }

  endShell(): Promise<{ readonly killed: readonly string[] }> {
    const killed = this.underway === null ? [] : [`2 ${this.underway.command}`];
    this.underway?.stop.abort(shellEnded);
    return Promise.resolve({ killed });
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  ticket(): Promise<null> {
    return Promise.resolve(null);
  }

  underWay(): Promise<null> {
    return Promise.resolve(null);
  }

  freshShell(): Promise<void> {
    this.state.cwd = this.workdir;
    this.state.exported.clear();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  changes: Sandbox['changes'] = () =>
    Promise.resolve([...this.files.keys()].map((path) => ({ path, kind: 'added' as const })));
  processes: Sandbox['processes'] = () => Promise.resolve([{ pid: 1, command: 'memory' }]);
  vitals: Sandbox['vitals'] = () =>
    Promise.resolve({ state: 'running', oomKills: 0, memoryPeakBytes: null, diskBytes: null });
  snapshot: Sandbox['snapshot'] = (reference) => Promise.resolve(reference);
  [Symbol.asyncDispose] = (): Promise<void> => Promise.resolve();

  private async runWithin(
    command: string,
    { timeoutMs, signal }: CommandOptions,
    parts: Pick<MemoryShellContext, 'state' | 'write'>,
  ): Promise<Outcome> {
    this.commands.push(command);
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.underway = { command, stop };
    using deadline = openDeadline(timeoutMs, stop.signal);
    try {
      const scripted = this.options.script?.(command, this);
      if (scripted !== undefined) {
        parts.write(scripted.output);
        return { exitCode: scripted.exitCode ?? 0, timedOut: false };
      }
      const readFile = (path: string): Buffer | null => this.files.get(path)?.content ?? null;
      const pause = (ms: number): Promise<void> => sleep(ms, deadline.signal);
      return {
        exitCode: await runMemoryShell(command, { ...parts, readFile, sleep: pause }),
        timedOut: false,
      };
    } catch (error) {
      if (error instanceof DeadlineReached) return { exitCode: 124, timedOut: true };
      if (error === shellEnded) return { exitCode: 137, timedOut: false };
      throw error;
    } finally {
      this.underway = null;
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

const shellEnded = new Error('the shell has ended');

function refuse(capture: OutputCapture): Outcome {
  capture.push(Buffer.from('tbench: a command cannot contain a NUL character\n'));
  return { exitCode: 126, timedOut: false };
}
