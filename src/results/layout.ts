import { join } from 'node:path';

/**
 * Where everything of a job lies. Harbor's layout, plus `events.jsonl`, `journal.jsonl`, `tries/`,
 * `process.lock` and `control.sock`.
 *
 *     results/<job>/
 *       config.json               what was asked for
 *       result.json               totals, rewritten as trials end
 *       events.jsonl              one event a line, appended as it happens
 *       job.log                   the same for people, without turns and steps
 *       lock.json                 the inputs of its trials, resolved (0.1.0 kept its process.lock under this name)
 *       process.lock              the process at work on the job, while it lives
 *       control.sock              where that process takes commands of its user
 *       <task>__<attempt>/
 *         config.json
 *         lock.json               its inputs, resolved: digest of the task, agent, limits
 *         result.json             there when, and only when, the trial is done
 *         claim.json              while the agent acts: who works in which sandbox, for whoever goes on after a crash
 *         answers.jsonl           with it: what the agent was told so far
 *         trial.log               one line a step
 *         exception.txt           only when something failed
 *         final.json              with --keep-final: the image of the sandbox as the agent left it, and what it changed
 *         network.json            what its network policy refused, and in which phase; verifier/network.json for a separate verifier
 *         agent/                  journal.jsonl, trajectory.json, timing.json, usage.json, oracle.txt; while a command
 *                                 runs, running-output.txt with the end of what it has printed
 *         verifier/               test-stdout.txt, reward.txt or reward.json, ctrf.json ...
 *         artifacts/              what the task asked to keep
 *         services/               the end of what each service of a compose file printed
 *         steps/<step>/           agent/, verifier/ and artifacts/ of each step, for a task of several
 *         tries/<n>/              what is left of earlier tries of this attempt that did not get done
 */
export interface JobPaths {
  readonly dir: string;
  readonly config: string;
  readonly result: string;
  readonly events: string;
  readonly log: string;
  readonly lock: string;
  readonly process: string;
  readonly control: string;
}

export interface TrialPaths {
  readonly dir: string;
  readonly config: string;
  readonly lock: string;
  readonly result: string;
  readonly log: string;
  readonly network: string;
  readonly final: string;
  readonly exception: string;
  readonly agentDir: string;
  readonly journal: string;
  readonly runningOutput: string;
  /** While the agent acts, with `answers`: what another process needs to go on. */
  readonly claim: string;
  readonly answers: string;
  readonly verifierDir: string;
  readonly artifactsDir: string;
  readonly servicesDir: string;
  readonly triesDir: string;
}

export function jobPaths(dir: string): JobPaths {
  return {
    dir,
    config: join(dir, 'config.json'),
    result: join(dir, 'result.json'),
    events: join(dir, 'events.jsonl'),
    log: join(dir, 'job.log'),
    lock: join(dir, 'lock.json'),
    process: join(dir, 'process.lock'),
    control: join(dir, 'control.sock'),
  };
}

export function trialPaths(jobDir: string, trialName: string): TrialPaths {
  const dir = join(jobDir, trialName);
  return {
    dir,
    config: join(dir, 'config.json'),
    lock: join(dir, 'lock.json'),
    result: join(dir, 'result.json'),
    log: join(dir, 'trial.log'),
    network: join(dir, 'network.json'),
    final: join(dir, 'final.json'),
    claim: join(dir, 'claim.json'),
    answers: join(dir, 'answers.jsonl'),
    ...madePaths(dir),
    triesDir: join(dir, 'tries'),
  };
}

/** A trial's name and folder: the task's whole name and the 1-based attempt. */
export function trialName(task: string, attempt: number): string {
  return `${task}__${attempt}`;
}

/** The same of one step of a multi-step task: what it leaves lies in a folder of its own. */
export function stepPaths(trial: TrialPaths, step: string): TrialPaths {
  const dir = join(trial.dir, 'steps', step);
  return {
    ...trial,
    ...madePaths(dir),
  };
}

/** What acting and verifying leave behind, in the folder of a trial or of one step. */
function madePaths(dir: string) {
  const agentDir = join(dir, 'agent');
  return {
    exception: join(dir, 'exception.txt'),
    agentDir,
    journal: join(agentDir, 'journal.jsonl'),
    runningOutput: join(agentDir, 'running-output.txt'),
    verifierDir: join(dir, 'verifier'),
    artifactsDir: join(dir, 'artifacts'),
    servicesDir: join(dir, 'services'),
  };
}
