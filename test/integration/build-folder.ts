import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { openTestEngine } from './engine.js';

/** An engine for a file's tests, and for each test a new folder to build from; images named in `built` are removed. */
export interface BuildFolder {
  readonly engine: ContainerEngine;
  readonly dir: string;
  readonly built: string[];
}

/** Call it at the top of a test file; what it returns is filled in when the tests run. */
export function useBuildFolder(): BuildFolder {
  let engine: ContainerEngine | null = null;
  let dir = '';
  const built: string[] = [];
  const opened = (): ContainerEngine => {
    if (engine === null) throw new Error('the engine is opened when the tests begin');
    return engine;
  };
  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => opened()[Symbol.asyncDispose]());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'build-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
    for (const reference of built.splice(0)) await opened().removeImage(reference);
  });
  return {
    get engine() {
      return opened();
    },
    get dir() {
      return dir;
    },
    built,
  };
}
