import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { baseImage } from './engine.js';

const program = fileURLToPath(new URL('../../dist/cli/tbench.sh', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CliResult>;
  /** Resolves once stderr holds the text. */
  saw(text: string): Promise<void>;
}

/** Starts the built command line as a user would; `through` a command that turns into it, such as one that enters a namespace. */
export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
  through: readonly string[] = [],
): RunningCli {
  const [command, ...before] = [...through, program];
  const child = spawn(command, [...before, ...args], { env: { ...process.env, ...env } });
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const saw = async (text: string): Promise<void> => {
    while (!stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended before it said "${text}":\n${stderr}${stdout}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { process: child, ended, saw };
}

export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  return startCli(args, env).ended;
}

/** Names of the containers of a job that exist now, running or not. */
export async function containersOf(job: string): Promise<readonly string[]> {
  const args = ['ps', '--all', '--filter', `label=tbench.job=${job}`, '--format', '{{.Names}}'];
  const { stdout } = await promisify(execFile)('podman', args);
  return stdout.split('\n').filter((line) => line !== '');
}

export interface CliBench extends AsyncDisposable {
  readonly dir: string;
  readonly results: string;
  /** Arguments of a run over the bench's tasks and scripted turns. */
  run(job: string, ...more: readonly string[]): string[];
}

/** Commands that a scripted model gives at a task, the same in every attempt; it then submits. */
export type Scripts = Readonly<Record<string, readonly string[]>>;

/** A temporary dataset whose tasks ask for the file /app/done, and scripted turns for each. */
export async function openCliBench(scripts: Scripts): Promise<CliBench> {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-cli-'));
  const turns = join(dir, 'turns');
  await mkdir(turns);
  for (const [task, commands] of Object.entries(scripts)) {
    await writeDoneTask(join(dir, 'tasks', task));
    const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
    const attempts = [
      { turns: [...commands, submit].map((command) => ({ content: 'THOUGHT: next', command })) },
    ];
    await writeFile(join(turns, `${task}.yaml`), stringify({ attempts }));
  }
  const results = join(dir, 'results');
  return {
    dir,
    results,
    run: (job, ...more) => [
      ...['run', '--dataset', join(dir, 'tasks'), '--model', `replay:${turns}`],
      ...['--results', results, '--job', job, '--pull', 'never', ...more],
    ],
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function writeDoneTask(dir: string): Promise<void> {
  await mkdir(join(dir, 'environment'), { recursive: true });
  await mkdir(join(dir, 'tests'));
  await mkdir(join(dir, 'solution'));
  const toml = [
    'schema_version = "1.4"',
    `[environment]\ndocker_image = "${baseImage}"\nworkdir = "/srv"\ncpus = 1\nmemory_mb = 256`,
    '[agent]\ntimeout_sec = 60.0',
    '[verifier]\ntimeout_sec = 60.0\n',
  ].join('\n');
  await writeFile(join(dir, 'task.toml'), toml);
  await writeFile(join(dir, 'instruction.md'), 'Create the file /srv/done.\n');
  await writeFile(join(dir, 'solution', 'solve.sh'), 'touch done\n');
  const test =
    'if [ -f /srv/done ]; then echo 1 > /logs/verifier/reward.txt; else echo 0 > /logs/verifier/reward.txt; fi\n';
  await writeFile(join(dir, 'tests', 'test.sh'), test);
}
