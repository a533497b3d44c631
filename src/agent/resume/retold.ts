import type { AgentClock } from '../../base/agent-clock.js';
import { CannotResumeError } from './cannot-resume.js';
import type { Told } from './answer.js';

/** The answers that an agent had before its process died, to be given once more. */
export interface Retold {
  /** The next answer, which must be of this kind; null when the agent has had them all. The clock is set to its time. */
  next<K extends Told['kind']>(kind: K): Extract<Told, { kind: K }> | null;
  /** Time in which nobody worked is left out: the clock goes on from the last answer, or from so much later. */
  goOn(afterMs?: number): void;
  readonly isOver: boolean;
}

export function retell(answers: readonly Told[], clock: AgentClock): Retold {
  let given = 0;
  const last = answers.at(-1)?.clock ?? null;
  return {
    get isOver() {
      return given === answers.length;
    },
    next<K extends Told['kind']>(kind: K) {
      const answer = answers[given];
      if (answer === undefined) return null;
      if (answer.kind !== kind)
        throw new CannotResumeError(
          `answer ${given + 1} of the trial is a ${answer.kind}, and the agent asks for a ${kind}`,
        );
      given += 1;
      clock.restore(answer.clock);
      return answer as Extract<Told, { kind: K }>;
    },
    goOn: (afterMs = 0) => {
      if (last !== null)
        clock.restore({ ...last, elapsedMs: last.elapsedMs + afterMs, wallMs: last.wallMs + afterMs });
    },
  };
}
