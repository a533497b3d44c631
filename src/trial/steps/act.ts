import type { AgentOutcome, AgentProgress } from '../../agent/agent.js';
import { agentWarnings } from '../../agent/agent-warnings.js';
import { AgentClock } from '../../base/agent-clock.js';
import { writeAgentFiles } from '../../results/formats/atif/agent-files.js';
import { openJournal } from '../../results/journal.js';
import { inPhase } from '../environment/in-phase.js';
import { phaseName } from '../environment/phase-name.js';
import { keepRunningOutput } from '../live/running-output.js';
import { keepAnswers } from '../resume/keep-answers.js';
import { scaled } from '../scaled.js';
import type { Act, Acted, Observed } from '../trial-state.js';
import { watchCommands } from './watch-commands.js';
import { StorageLimitReached, watchStorage } from './watch-storage.js';

/**
 * Lets the agent act under the task's timeout and its storage limit, and turns the journal into files. An error that
 * ended the agent is part of the state. Throws when the trial was cancelled.
 */
export async function act(state: Observed, signal: AbortSignal): Promise<Acted> {
  const done = await runAgent(state, signal);
  const unread = await writeAgentFiles(state.trial.store);
  signal.throwIfAborted();
  const warnings = [
    ...state.warnings,
    ...unread.map((line) => `agent/journal.jsonl: ${line}`),
    ...agentWarnings(done.outcome.totals),
  ];
  return { ...state, warnings, act: done };
}

/** Told before the first turn, so that the time that is left can be seen from the beginning. */
const notBegun = { turn: 0, contextTokens: 0 } as const;

async function runAgent(state: Observed, signal: AbortSignal): Promise<Act> {
  const { trial, environment, step } = state;
  const { spec, settings, store, agent } = trial;
  const { task } = spec;
  const timeoutMs = scaled(task.agent.timeoutMs, settings.timeoutMultiplier);
  const commands = (trial.continuation?.from?.answers ?? []).flatMap((answer) =>
    answer.kind === 'command' ? [answer.command] : [],
  );
  using storage = watchStorage(environment.main, task.environment.storageBytes, signal);
  using clock = new AgentClock(timeoutMs, settings.clock, storage.signal);
  await using journal = await openJournal(store.paths.journal, store.redact);
  const tell = (progress: AgentProgress | typeof notBegun): void =>
    trial.emit({
      kind: 'trial-turn',
      trial: spec.name,
      progress: { ...progress, spentMs: Math.round(clock.spentMs()), limitMs: clock.limitMs },
    });
  tell(notBegun);
  await using kept = await keepAnswers(state, {
    sandbox: watchCommands(environment.main, {
      onCommand: (command) => commands.push(command),
      keepRunning: () => keepRunningOutput(store),
    }),
    task,
    attempt: spec.attempt,
    trialName: spec.name,
    agentDir: store.paths.agentDir,
    clock,
    journal,
    hold: async () => {
      const pause = trial.hold(clock.signal);
      if (pause === null) return;
      using _paused = clock.suspend('pause');
      await pause;
    },
    onProgress: tell,
  });
  const outcome = await inPhase(
    environment,
    { name: phaseName('agent', step), network: task.agent.network, file: store.paths.network },
    () => agent.run(kept.context),
  );
  await storage.lookNow();
  const reason: unknown = storage.signal.reason;
  return {
    outcome: withStorageLimit(outcome, reason),
    clock: clock.read(),
    timeoutMs,
    commands,
    resumed: kept.resumed(),
  };
}

/** An agent that was stopped for what it wrote did not stop by itself, and one that was quicker wrote too much all the same. */
function withStorageLimit(outcome: AgentOutcome, reason: unknown): AgentOutcome {
  const isItsOwn = outcome.ending === 'cancelled' || outcome.error === null;
  return isItsOwn && reason instanceof StorageLimitReached
    ? { ...outcome, ending: 'storage-limit', detail: reason.message, error: null }
    : outcome;
}
