import { readdir } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';

export interface SoakSize {
  readonly sandboxes: number;
  readonly commands: number;
}

export interface SoakReport {
  readonly commands: number;
  readonly seconds: number;
  /** Commands whose result was not what it must be, with what was wrong. */
  readonly wrong: readonly string[];
  readonly fileDescriptors: { readonly before: number; readonly after: number };
  readonly memoryBytes: { readonly before: number; readonly after: number };
}

interface Case {
  readonly command: string;
  readonly timeoutMs?: number;
  /** How often, of 100. */
  readonly weight: number;
  readonly isRight: (exitCode: number, head: string, notice: string | null) => boolean;
}

const cases: readonly Case[] = [
  { weight: 40, command: 'echo $((6 * 7))', isRight: (code, head) => code === 0 && head === '42\n' },
  { weight: 12, command: 'cd /usr; export N=$((N + 1)); exit 3', isRight: (code) => code === 3 },
  { weight: 10, command: 'pwd', isRight: (code, head) => code === 0 && head.startsWith('/') },
  { weight: 8, command: 'head -c 300000 /dev/zero | tr "\\0" "\\303"', isRight: (code) => code === 0 },
  { weight: 6, command: 'echo "open', isRight: (code) => code === 2 },
  { weight: 5, command: 'sleep 30 >/dev/null & echo $!', isRight: (code) => code === 0 },
  {
    weight: 5,
    command: '(sleep 3; echo late) & echo now',
    isRight: (code, head) => code === 0 && head === 'now\n',
  },
  { weight: 4, command: 'kill -9 $$', isRight: (code) => code === 137 },
  { weight: 3, command: 'printf "\\001x y-\\n\\000"; false', isRight: (code) => code === 1 },
  { weight: 3, command: 'trap "" TERM; sleep 30', timeoutMs: 300, isRight: (code) => code === 124 },
  { weight: 2, command: 'yes', timeoutMs: 400, isRight: (code) => code === 124 },
  { weight: 1, command: 'kill -9 -1', isRight: (code, _, notice) => code === 137 && notice !== null },
  { weight: 1, command: 'kill -STOP -1; echo thawed', isRight: (code) => code === 0 },
];

/** Mixed commands, hostile ones among them, in many sandboxes at once; the same ones for the same size. */
export async function soak(
  engine: ContainerEngine,
  spec: () => SandboxSpec,
  size: SoakSize,
): Promise<SoakReport> {
  const before = await hostCounters();
  const startedAt = performance.now();
  const wrong = await Promise.all(
    Array.from({ length: size.sandboxes }, async (_, index) => {
      await using sandbox = await engine.createSandbox(spec());
      return await soakOne(sandbox, index, size.commands);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await hostCounters();
  return {
    commands: size.sandboxes * size.commands,
    seconds,
    wrong: wrong.flat(),
    fileDescriptors: { before: before.fileDescriptors, after: after.fileDescriptors },
    memoryBytes: { before: before.memoryBytes, after: after.memoryBytes },
  };
}

async function soakOne(sandbox: Sandbox, index: number, commands: number): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let turn = 0; turn < commands; turn += 1) {
    const { command, timeoutMs = 60_000, isRight } = pick((turn * 37 + index * 61) % 100);
    const { exitCode, output, notice } = await sandbox.run(command, { timeoutMs });
    if (isRight(exitCode, output.head, notice)) continue;
    wrong.push(
      `${sandbox.id} turn ${turn}: ${command}: ${exitCode} ${JSON.stringify(output.head.slice(0, 200))} ${notice ?? ''}`,
    );
  }
  return wrong;
}

function pick(place: number): Case {
  let left = place;
  for (const candidate of cases) {
    if (left < candidate.weight) return candidate;
    left -= candidate.weight;
  }
  throw new Error(`weights do not add up to 100: ${place}`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function hostCounters(): Promise<{ fileDescriptors: number; memoryBytes: number }> {
  const fileDescriptors = (await readdir('/proc/self/fd')).length;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { fileDescriptors, memoryBytes: heapUsed + external };
}
