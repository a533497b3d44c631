import { stat } from 'node:fs/promises';
import type { AgentContext } from '../../agent/agent.js';
import type { Answer, Told } from '../../agent/resume/answer.js';
import { CannotResumeError } from '../../agent/resume/cannot-resume.js';
import { checkedJournal } from '../../agent/resume/checked-journal.js';
import { resumableContext } from '../../agent/resume/resumable-context.js';
import type { Resumption } from '../../record/resumption.js';
import { openForAppend } from '../../results/append-file.js';
import { readJournal } from '../../results/read-journal.js';
import type { Redact } from '../../results/redact.js';
import type { TrialStore } from '../../results/trial-store.js';
import { writeError } from '../../results/write-file.js';
import type { Observed } from '../trial-state.js';
import type { ShellTicket } from '../../sandbox/shell/heritage/shell-ticket.js';
import { writeClaim } from './claim-file.js';

/** The agent's context, what it is told being kept; or told again, where a process before this one died. */
export interface KeptContext extends AsyncDisposable {
  readonly context: AgentContext;
  /** Of this trial, in order. */
  readonly resumed: () => readonly Resumption[];
}

/**
 * Keeps what an agent is told, where another process could go on with it: the agent is a function of that, and its sandbox can be
 * found again. Other contexts are returned as they are.
 */
export async function keepAnswers(state: Observed, context: AgentContext): Promise<KeptContext> {
  const { trial, environment } = state;
  const { store, agent, continuation } = trial;
  const plain: KeptContext = { context, resumed: () => [], [Symbol.asyncDispose]: () => Promise.resolve() };
  // A gate that keeps a network policy ends with its process.
  const isAlone =
    environment.sandboxes.size === 1 && environment.network === null && trial.spec.task.steps.length === 0;
  if (continuation === undefined || agent.isResumable !== true || !isAlone) return plain;
  const ticket = await environment.main.ticket();
  if (ticket === null || holdsSecret(ticket.shell, store.redact)) return plain;
  const left = continuation.from;
  const resumed: Resumption[] = [...(left?.claim.resumed ?? [])];
  const claim = {
    is_open: true,
    fingerprint: continuation.fingerprint,
    started_at: state.startedAt,
    acts_since: left?.claim.acts_since ?? new Date().toISOString(),
    times: state.times,
    warnings: [...state.warnings],
    initial: state.initial,
    ticket,
  };
  const { paths, redact } = store;
  const lastSign = left === null ? null : await lastWrite(paths.answers);
  const earlier = left === null ? [] : ((await readJournal(paths.journal))?.entries ?? []);
  const journal = checkedJournal(context.journal, earlier, redact);
  const file = await openForAppend(paths.answers);
  await writeClaim(paths, { ...claim, resumed });
  const keep = keeper(store, file, () => writeClaim(paths, { ...claim, resumed, is_open: false }));
  const told = (left?.answers ?? []).filter((answer): answer is Told => answer.kind !== 'shell');
  const onGoOn = async (where: Resumption['in']): Promise<void> => {
    if (!journal.isThrough())
      throw new CannotResumeError('the journal knows more than what the agent was told');
    const turns = told.filter(({ kind }) => kind === 'reply').length;
    const turn = where === 'request' ? turns + 1 : turns;
    const deadMs = Math.max(0, Date.now() - (lastSign ?? Date.now()));
    resumed.push({ at: new Date().toISOString(), turn, in: where, dead_ms: Math.round(deadMs) });
    await writeClaim(paths, { ...claim, resumed });
    const text = `gone on with in its sandbox at turn ${turn} (${where}), after ${Math.round(deadMs / 1000)} s`;
    trial.emit({ kind: 'trial-note', trial: trial.spec.name, text });
    await store.log(text);
  };
  return {
    context: resumableContext(
      { ...context, journal },
      {
        sandbox: environment.main,
        isAdopted: left !== null,
        answers: told,
        keep,
        onGoOn,
        asksAgain: trial.settings.model?.kind !== 'live',
      },
    ),
    resumed: () => resumed,
    [Symbol.asyncDispose]: async () => {
      await file.close();
      await writeClaim(paths, { ...claim, resumed, is_open: false });
    },
  };
}

/** A shell's environment is stored as bytes in base64, where nobody sees a secret: one that a host's variable brought in is found here. */
function holdsSecret({ first, state }: ShellTicket, redact: Redact): boolean {
  return [first.cwd, first.environment, state.cwd, state.environment].some((bytes) => {
    const text = Buffer.from(bytes, 'base64').toString('utf8');
    return redact(text) !== text;
  });
}

/** Writes answers down, until one holds a secret: it may not lie in a file, and without it nobody comes to the same conversation. */
function keeper(
  { paths, redact }: Pick<TrialStore, 'paths' | 'redact'>,
  file: Awaited<ReturnType<typeof openForAppend>>,
  giveUp: () => Promise<void>,
): (answer: Answer) => Promise<void> {
  let isOpen = true;
  return async (answer) => {
    const line = JSON.stringify(answer);
    if (!isOpen) return;
    isOpen = redact(line) === line && !('shell' in answer && holdsSecret(answer.shell, redact));
    if (!isOpen) return giveUp();
    await file.appendFile(`${line}\n`).catch((error: unknown) => {
      throw writeError(paths.answers, error);
    });
  };
}

async function lastWrite(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
