import { startTimer } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { exitCodes } from './exit-code.js';
import { watchInterrupts } from './interrupt-watch.js';
import { tell } from './tell.js';

/** How a person stops a command: the first Ctrl-C asks for a clean end, the second ends it now. */
export interface Interrupt extends Disposable {
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** What the second Ctrl-C still closes, for at most three seconds, before the process ends. */
  closeBeforeQuitting(thing: AsyncDisposable): Disposable;
}

const closingLimitMs = 3_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const cleaningUp = 'no new trials; cleaning up (once more to quit now)';

/** How a person is answered. */
interface InterruptWords {
  readonly says?: string;
  readonly say?: (line: string) => void;
}

/**
 * Listens for Ctrl-C and its like until disposed; `says` is what the first one is answered with, `say` how: past no live
 * display. The second ends the process also while its main thread is busy.
 */
export function listenForInterrupt({ says = cleaningUp, say = tell }: InterruptWords = {}): Interrupt {
  const controller = new AbortController();
  const open = new Set<AsyncDisposable>();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) quit(open);
    else {
      say(`${name}: ${says}`);
      controller.abort(new CancelledError(`stopped by ${name}`));
    }
  };
  for (const name of signals) process.on(name, onSignal);
  // From here on it takes SIGINT before the handler above does.
  const watch = watchInterrupts(() => onSignal('SIGINT'), { graceMs: closingLimitMs + 500 });
  return {
    signal: controller.signal,
    closeBeforeQuitting: (thing) => {
      open.add(thing);
      return { [Symbol.dispose]: () => void open.delete(thing) };
    },
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

function quit(open: ReadonlySet<AsyncDisposable>): void {
  tell('\nquitting now; run the same command to continue, `tbench clean` removes what is left');
  const exit = (): never => process.exit(exitCodes.interrupted);
  startTimer(closingLimitMs, exit);
  void Promise.all([...open].map((thing) => thing[Symbol.asyncDispose]())).then(exit, exit);
}
