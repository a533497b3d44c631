import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CommandResult, Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';

/** One implementation of `Sandbox` under the contract. */
export interface SandboxSubject {
  readonly name: string;
  /** `fake`: no real shell; it knows echo, printf, cat, cd, pwd, export, exit, sleep, true, false. */
  readonly shell: 'bash' | 'sh' | 'fake';
  open(overrides?: Partial<SandboxSpec>): Promise<Sandbox>;
}

export const limitMs = 20_000;

/** All that was kept of a command's output. */
export function textOf({ output }: CommandResult): string {
  return output.elided === 0 ? output.head : `${output.head}<${output.elided}>${output.tail}`;
}

export type Shared = () => Sandbox;

/** Runs a command and returns its output. */
export async function say(sandbox: Sandbox, command: string): Promise<string> {
  return textOf(await sandbox.run(command, { timeoutMs: limitMs }));
}

/** Commands that do nothing take a few milliseconds; on a machine with other work everything takes longer by as much. */
const idleShare = 60;

/**
 * Starts a clock for something that has to be over soon. What it returns expects that no more than `boundMs` have passed, and
 * as much more as this machine is slow: sixty times the slowest of three commands that do nothing, timed beforehand.
 */
export async function startClock(sandbox: Sandbox): Promise<(boundMs: number) => void> {
  let slackMs = 0;
  for (let turn = 0; turn < 3; turn += 1) {
    const startedAt = performance.now();
    await say(sandbox, 'true');
    slackMs = Math.max(slackMs, idleShare * (performance.now() - startedAt));
  }
  const startedAt = performance.now();
  return (boundMs) => {
    expect(performance.now() - startedAt).toBeLessThan(boundMs + slackMs);
  };
}

export const smallLimits = { maxEntries: 100, maxFileBytes: 1_000_000, maxTotalBytes: 2_000_000 };

/** A name for a folder of this machine; removed on disposal. */
export function temporaryFolder(): AsyncDisposable & { readonly path: string } {
  const path = join(tmpdir(), `tbench-contract-${randomUUID()}`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
