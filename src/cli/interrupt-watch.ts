import { Worker } from 'node:worker_threads';

/**
 * A thread that waits for Ctrl-C (SIGINT) itself, because a handler on the main thread does not run while that is busy. Node lets
 * one do so by running a script with `breakOnSigint`: the signal ends the script instead of reaching `process.on`.
 * The first is passed on. After the second the main thread has `graceMs` to end the process; then it is ended from here,
 * by the signal where nobody catches it, else for good.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { Script } = require('node:vm');
globalThis.cell = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms) => void Atomics.wait(cell, 0, 0, ms);
const untilInterrupted = new Script('Atomics.wait(cell, 0, 0)');
Atomics.store(workerData.ready, 0, 1);
Atomics.notify(workerData.ready, 0);
for (let seen = 1; ; seen += 1) {
  try {
    untilInterrupted.runInThisContext({ breakOnSigint: true });
  } catch (error) {
    if (error.code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
  }
  parentPort.postMessage('interrupted');
  if (seen < 2) continue;
  pause(workerData.graceMs);
  process.kill(process.pid, 'SIGINT');
  pause(500);
  process.kill(process.pid, 'SIGKILL');
}`;

/** How long the start of a command waits for the thread, which has to ask the main one where somebody's loader is in its way. */
const startLimitMs = 500;

/** Calls `react` at each Ctrl-C, and ends the process `graceMs` after the second whatever the main thread is doing. */
export function watchInterrupts(react: () => void, { graceMs }: { readonly graceMs: number }): Disposable {
  // No loader of the main thread's: it would have to ask the main thread.
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: { graceMs, ready } });
  worker.unref();
  worker.on('message', react);
  // Without the thread (memory is short) the handlers of the main thread still do what they did.
  worker.on('error', () => undefined);
  // A main thread that is busy before the other one stands would keep both signals. It takes some 50 ms.
  Atomics.wait(ready, 0, 0, startLimitMs);
  return { [Symbol.dispose]: () => void worker.terminate() };
}
