import { quoteForShell } from '../base/shell/shell-quote.js';
import { resolveEnv } from '../dataset/resolve-env.js';
import { collectSolutionFiles } from '../dataset/upload-files.js';
import { noTotals, type Agent, type AgentContext } from './agent.js';
import { ended, endingOfError, type EndingOutcome } from './ending.js';
import { noModel, oracleEntry } from './journal-entries.js';
import { runJournaled } from './run-journaled.js';

export interface OracleDeps {
  readonly version: string;
  /** Host variables a solution's `${NAME}` values may refer to. */
  readonly hostEnv: Readonly<Record<string, string>>;
}

const solutionDir = '/solution';

/** Longest time of a solution whose task sets no limit. */
const unlimitedMs = 7 * 24 * 3600 * 1000;

/**
 * Runs a task's reference solution: its folder at `/solution`, `bash /solution/<script>` in the image's
 * workdir with the solution's environment, within the agent's time. A non-zero exit is not a failure: the
 * tests decide. Runs through the shell, not exec, so that services it starts do not hold it up.
 */
export function createOracle({ version, hostEnv }: OracleDeps): Agent {
  const agent: Agent = {
    name: 'oracle',
    version,
    run: (context) =>
      runJournaled({ agent, context, opening: noModel }, async () => ({
        ...(await solve(context, hostEnv)),
        totals: noTotals,
      })),
  };
  return agent;
}

async function solve(context: AgentContext, hostEnv: OracleDeps['hostEnv']): Promise<EndingOutcome> {
  const { task, sandbox, clock } = context;
  const env = resolveEnv(task.solution.env, hostEnv, `${task.name}: solution.env`);
  const files = await collectSolutionFiles(task);
  if (files === null) return ended('finished', 'the task ships no solution');
  try {
    await sandbox.upload(solutionDir, files, clock.signal);
    const command = solutionCommand(`${solutionDir}/${task.solution.script}`, env);
    const result = await sandbox.run(command, {
      timeoutMs: clock.limitMs ?? unlimitedMs,
      signal: clock.signal,
    });
    await context.journal.append(oracleEntry(task.solution.script, result));
    return result.timedOut
      ? ended('agent-timeout', 'the solution ran out of time')
      : ended('finished', `the solution exited with ${result.exitCode}`);
  } catch (error) {
    return endingOfError(error, clock);
  }
}

/** One subshell, so that nothing of the environment stays behind in the shell. */
function solutionCommand(script: string, env: Readonly<Record<string, string>>): string {
  const exports = Object.entries({ DEBIAN_FRONTEND: 'noninteractive', ...env }).map(
    ([name, value]) => `export ${name}=${quoteForShell(value)}`,
  );
  const path = quoteForShell(script);
  // An image without bash runs it by its sh.
  const run = `command -v bash >/dev/null && exec bash ${path}\nexec sh ${path}`;
  return `(\n${exports.join('\n')}\nexport HOME="\${HOME:-$(echo ~)}"\n${run}\n)`;
}
