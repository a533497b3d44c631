import { CancelledError } from '../base/errors.js';
import { exitCodes } from './exit-code.js';

/** How a person stops a command: the first Ctrl-C asks for a clean end, the second ends it now. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** What the second Ctrl-C still tries, for at most three seconds, before the process ends. */
  lastResort: () => Promise<void>;
}

const lastResortMs = 3_000;

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const interrupt: Interrupt = {
    signal: controller.signal,
    lastResort: () => Promise.resolve(),
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      process.stderr.write(`\n${name}: no new trials; cleaning up (once more to quit now)\n`);
      controller.abort(new CancelledError(`stopped by ${name}`));
      return;
    }
    process.stderr.write(
      '\nquitting now; run the same command to continue, `tbench clean` removes what is left\n',
    );
    const quit = (): never => process.exit(exitCodes.interrupted);
    setTimeout(quit, lastResortMs);
    void interrupt.lastResort().then(quit, quit);
  };
  for (const name of signals) process.on(name, onSignal);
  return interrupt;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
