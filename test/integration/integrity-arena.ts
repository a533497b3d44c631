import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTask } from '../../src/dataset/load-task.js';
import type { Task } from '../../src/dataset/task.js';
import type { ContainerEngine, Image } from '../../src/sandbox/container-engine.js';
import type { Environment } from '../../src/sandbox/environment.js';
import type { CommandResult, Sandbox } from '../../src/sandbox/sandbox.js';
import { createVerifier } from '../../src/verifier/create-verifier.js';
import type { Verification, VerifierOptions } from '../../src/verifier/verifier.js';
import { harborTask, scratchFolder } from '../doubles/task-folder.js';
import { openTestEngine } from './engine.js';

/** A test script of the shape that Terminal-Bench tasks have; `uvx` is the image's stand-in. */
export const usualScript = `#!/bin/bash
if [ "$PWD" = "/" ]; then
    echo "Error: No working directory set."
    exit 1
fi
uvx \\
  -p 3.13 \\
  -w pytest==8.4.1 \\
  pytest --ctrf /logs/verifier/ctrf.json /tests/test_outputs.py -rA
if [ $? -eq 0 ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
`;

/** Solved by \`/app/sol.py\` with \`f(x) = 2 * x\`; imports the agent's code as many tasks do. */
export const usualTests = `import sys
sys.path.insert(0, "/app")


def test_answer():
    import sol
    assert sol.f(21) == 42


def test_another_answer():
    import sol
    assert sol.f(-1) == -2
`;

export const solve = "printf 'def f(x):\\n    return 2 * x\\n' > /app/sol.py";

export const quick: VerifierOptions = {
  retries: 0,
  negativeControl: 'off',
  isolated: 'off',
  rewardPrecedence: 'json',
  timeoutMs: 60_000,
};

export interface Fight {
  /** The agent: one shell command each. */
  readonly commands: readonly string[];
  readonly script?: string;
  readonly tests?: Readonly<Record<string, string>>;
  readonly options?: Partial<VerifierOptions>;
  /** Text appended to task.toml. */
  readonly toml?: string;
  readonly commandTimeoutMs?: number;
  readonly network?: 'public' | 'none';
  /** Looks at the sandbox after the agent and before the tests. */
  readonly meanwhile?: (sandbox: Sandbox) => Promise<void>;
}

export interface Outcome extends Verification {
  /** How often the tests were run. */
  readonly tries: number;
  readonly codes: readonly string[];
  readonly results: readonly CommandResult[];
  readonly stdout: string;
}

/** One engine and the image all fights take place in. */
export class Arena implements AsyncDisposable {
  private readonly verifier = createVerifier();
  private constructor(
    readonly engine: ContainerEngine,
    readonly image: Image,
  ) {}

  static async open(
    buildContext = fileURLToPath(new URL('../fixtures/integrity-image', import.meta.url)),
  ): Promise<Arena> {
    const engine = await openTestEngine();
    const source = { reference: null, buildContext, dockerfile: 'Dockerfile', buildTimeoutMs: 300_000 };
    return new Arena(engine, await engine.ensureImage(source, { pull: 'missing', forceBuild: false }));
  }

  async createSandbox(
    network: 'public' | 'none' = 'none',
    limits: { pids?: number; memoryBytes?: number } = {},
  ): Promise<Sandbox> {
    return (await this.createEnvironment(network, limits)).main;
  }

  private async createEnvironment(
    network: 'public' | 'none',
    limits: { pids?: number; memoryBytes?: number } = {},
  ): Promise<Environment> {
    return this.engine.createEnvironment({
      network,
      owner: { job: 'integrity', trial: 'fight', task: 'secret-task-name' },
      main: {
        image: this.image,
        cpus: 1,
        memoryBytes: limits.memoryBytes ?? 512 * 2 ** 20,
        pidsLimit: limits.pids ?? 512,
        env: {},
        workdir: null,
        user: null,
      },
    });
  }

  /** One scripted agent against one task: its commands, the end of its shell, the verification. */
  async fight(fight: Fight): Promise<Outcome> {
    await using folder = await scratchFolder();
    const task = await this.task(folder, fight);
    await using environment = await this.createEnvironment(fight.network ?? 'none');
    const sandbox = environment.main;
    const signal = new AbortController().signal;
    const initial = await this.verifier.before(sandbox, task, signal);
    const results: CommandResult[] = [];
    for (const command of fight.commands) {
      results.push(await sandbox.run(command, { timeoutMs: fight.commandTimeoutMs ?? 30_000 }));
    }
    const { killed } = await sandbox.endShell();
    await fight.meanwhile?.(sandbox);
    const outDir = await mkdtemp(join(tmpdir(), 'tbench-fight-'));
    try {
      const options = { ...quick, ...fight.options };
      const request = {
        environment,
        engine: this.engine,
        task,
        initial,
        killed,
        commands: fight.commands,
        redact: (text: string) => text,
        outDir,
        options,
        signal,
      } as const;
      const verification = await this.verifier.verify(request);
      return {
        ...verification,
        tries: verification.evidence.tries,
        codes: verification.findings.map(({ code }) => code),
        results,
        stdout: await readFile(join(outDir, 'test-stdout.txt'), 'utf8'),
      };
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }

  private async task(folder: Awaited<ReturnType<typeof scratchFolder>>, fight: Fight): Promise<Task> {
    const tests = fight.tests ?? { 'test_outputs.py': usualTests };
    await folder.write({
      ...harborTask('secret-task-name', `schema_version = "1.1"\n${fight.toml ?? ''}`),
      'secret-task-name/tests/test.sh': fight.script ?? usualScript,
      ...Object.fromEntries(
        Object.entries(tests).map(([name, text]) => [`secret-task-name/tests/${name}`, text]),
      ),
    });
    return loadTask(join(folder.dir, 'secret-task-name'));
  }
}
