import { AgentClock } from '../../src/base/agent-clock.js';
import type { AgentContext } from '../../src/agent/agent.js';
import type { Task } from '../../src/dataset/task.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import type { AgentSandbox, CommandResult, UploadFile } from '../../src/sandbox/sandbox.js';

/** Answers every command with one function; keeps commands and uploads. */
export interface TableSandbox extends AgentSandbox {
  readonly commands: string[];
  readonly uploads: { readonly dir: string; readonly files: readonly UploadFile[] }[];
}

export type Respond = (
  command: string,
  signal?: AbortSignal,
) => Partial<CommandResult> | Promise<Partial<CommandResult>>;

export function tableSandbox(respond: Respond = () => printed('ok\n')): TableSandbox {
  const commands: string[] = [];
  const uploads: TableSandbox['uploads'] = [];
  return {
    workdir: '/app',
    commands,
    uploads,
    async run(command, { signal }) {
      signal?.throwIfAborted();
      commands.push(command);
      return { ...printed(''), ...(await respond(command, signal)) };
    },
    exec: async () => ({
      stdout: '',
      stderr: '',
      exitCode: 0,
      timedOut: false,
      droppedBytes: 0,
      durationMs: 0,
    }),
    readFile: async () => null,
    upload: async (dir, files) => void uploads.push({ dir, files }),
  };
}

/** A command's result that printed `text` in full. */
export function printed(text: string, exitCode = 0): CommandResult {
  return {
    output: { head: text, tail: '', elided: 0, totalBytes: Buffer.byteLength(text) },
    exitCode,
    timedOut: false,
    outOfMemory: false,
    notice: null,
    durationMs: 1,
  };
}

export interface TestContext extends AgentContext, Disposable {
  readonly entries: JournalEntry[];
  readonly clock: AgentClock;
}

/** What a trial hands an agent, with the journal in memory. */
export function agentContext(options: {
  readonly task: Pick<Task, 'name' | 'instruction'> & Partial<Task>;
  readonly sandbox?: AgentSandbox;
  readonly timeoutMs?: number | null;
  readonly signal?: AbortSignal;
}): TestContext {
  const entries: JournalEntry[] = [];
  const clock = new AgentClock(options.timeoutMs ?? null, 'wall', options.signal);
  return {
    sandbox: options.sandbox ?? tableSandbox(),
    task: {
      conversation: null,
      environment: { mcpServers: [], skillsDir: null },
      ...options.task,
    } as unknown as Task,
    attempt: 1,
    trialName: `${options.task.name}__1`,
    agentDir: '/nonexistent',
    clock,
    entries,
    journal: { append: async (entry) => void entries.push(entry) },
    hold: () => Promise.resolve(),
    onProgress: () => undefined,
    [Symbol.dispose]: () => clock[Symbol.dispose](),
  };
}
