import { SandboxError } from '../../base/errors.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { AgentContext } from '../agent.js';
import type { Answer, Told } from './answer.js';
import { CannotResumeError } from './cannot-resume.js';
import { retell, type Retold } from './retold.js';

export interface ResumableOptions {
  readonly sandbox: Sandbox;
  /** Whether another process began it. */
  readonly isAdopted: boolean;
  /** What the agent was told before that process died; empty for a new one. */
  readonly answers: readonly Told[];
  /** Keeps an answer; it is on its way to the disk before the agent goes on. */
  readonly keep: (answer: Answer) => Promise<void>;
  /** Called once, when the agent has had all earlier answers and asks for a new one. */
  readonly onGoOn: (where: 'request' | 'command') => Promise<void>;
  /** A recording counts the requests it has answered, so it must hear them all again. */
  readonly asksAgain: boolean;
}

/** The context of an agent that another process can go on with: what it is told is kept, and told again to its successor. */
export function resumableContext(context: AgentContext, options: ResumableOptions): AgentContext {
  const { keep } = options;
  const { clock } = context;
  const retold = retell(options.answers, clock);
  let goesOn = !options.isAdopted;
  const goOn = async (where: 'request' | 'command', afterMs = 0): Promise<void> => {
    if (goesOn) return;
    goesOn = true;
    await options.onGoOn(where);
    retold.goOn(afterMs);
  };
  return {
    ...context,
    sandbox: { ...context.sandbox, run: commandRunner(context, { ...options, retold, goOn }) },
    wrapModel: (model) => ({
      name: model.name,
      maxModelLen: model.maxModelLen,
      countTokens: async (request, requestContext) => {
        const known = retold.next('count');
        if (known !== null) return known.counted;
        await goOn('request');
        const counted = await model.countTokens(request, requestContext);
        await keep({ kind: 'count', counted, clock: clock.read() });
        return counted;
      },
      complete: async (request, requestContext) => {
        const known = retold.next('reply');
        if (known !== null) {
          if (options.asksAgain) await model.complete(request, requestContext);
          return known.reply;
        }
        await goOn('request');
        const reply = await model.complete(request, requestContext);
        await keep({ kind: 'reply', reply, clock: clock.read() });
        return reply;
      },
      [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
    }),
  };
}

function commandRunner(
  { sandbox: acting, clock }: AgentContext,
  {
    sandbox,
    retold,
    keep,
    goOn,
  }: ResumableOptions & {
    readonly retold: Retold;
    readonly goOn: (where: 'command', afterMs?: number) => Promise<void>;
  },
): AgentContext['sandbox']['run'] {
  let supervisor: string | null = null;
  return async (command, options) => {
    const known = retold.next('command');
    if (known !== null) {
      if (known.command === command) return known.result;
      throw new CannotResumeError('the agent asks for another command than the one whose result is kept');
    }
    const ranForMs = await sandbox.underWay(options.signal);
    await goOn('command', ranForMs ?? 0);
    if (ranForMs === null) await sandbox.ready(options.signal);
    const before = (await sandbox.ticket())?.shell;
    if (before !== undefined && before.supervisor.nonce !== supervisor)
      await keep({ kind: 'shell', shell: before });
    supervisor = before?.supervisor.nonce ?? null;
    const result = await acting.run(command, options).catch((error: unknown) => {
      // What a process before this one began cannot be had: the trial is made anew.
      if (ranForMs === null || options.signal?.aborted === true || !(error instanceof SandboxError))
        throw error;
      throw new CannotResumeError(error.message, { cause: error });
    });
    const after = (await sandbox.ticket())?.shell;
    if (after !== undefined)
      await keep({ kind: 'command', command, result, shell: after, clock: clock.read() });
    return result;
  };
}
