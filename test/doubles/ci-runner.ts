import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface CiStep {
  readonly name: string;
  readonly code: number;
  readonly output: string;
}

export interface CiRun {
  readonly passed: boolean;
  readonly steps: readonly CiStep[];
  /** What was written to `$GITHUB_STEP_SUMMARY`. */
  readonly summary: string;
}

export interface CiOptions {
  readonly cwd: string;
  /** Replaces variables of the file, as a repository's settings would. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of steps not to run: what the surroundings have done already. */
  readonly skip?: readonly string[];
}

interface Workflow {
  readonly jobs: Record<
    string,
    { env?: Record<string, string>; steps: { name?: string; run?: string; if?: string; uses?: string }[] }
  >;
}

/** Runs the shell of a GitHub workflow's only job as its runner does: `bash -eo pipefail`, one file a step. */
export function runGithubWorkflow(path: string, options: CiOptions): CiRun {
  const [job] = Object.values((parse(readFileSync(path, 'utf8')) as Workflow).jobs);
  if (job === undefined) throw new Error(`${path} has no job`);
  const scratch = mkdtempSync(join(tmpdir(), 'tbench-ci-'));
  const summaryPath = join(scratch, 'summary.md');
  const env = {
    ...job.env,
    GITHUB_ACTIONS: 'true',
    GITHUB_SHA: 'abc',
    GITHUB_STEP_SUMMARY: summaryPath,
    ...options.env,
  };
  try {
    const steps: CiStep[] = [];
    for (const { name = '', run, if: when } of job.steps) {
      const failed = steps.some((step) => step.code !== 0);
      if (run === undefined || options.skip?.includes(name) === true || (failed && when !== 'always()'))
        continue;
      steps.push({ name, ...runShell(run, { cwd: options.cwd, env }) });
    }
    return { passed: steps.every((step) => step.code === 0), steps, summary: readIfThere(summaryPath) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface GitlabJob {
  readonly variables: Record<string, string>;
  readonly before_script: string[];
  readonly script: string[];
  readonly after_script: string[];
}

/** Runs the shell of a GitLab file's only job; `script` ends at its first failing line, `after_script` always runs. */
export function runGitlabJob(path: string, options: CiOptions): CiRun {
  const [job] = Object.values(parse(readFileSync(path, 'utf8')) as Record<string, GitlabJob>);
  if (job === undefined) throw new Error(`${path} has no job`);
  const env = { ...job.variables, CI: 'true', CI_COMMIT_SHA: 'abc', ...options.env };
  const wanted = job.script.filter((line) => options.skip?.some((word) => line.includes(word)) !== true);
  const main = runShell(wanted.join('\n'), { cwd: options.cwd, env });
  const after = runShell(job.after_script.join('\n'), { cwd: options.cwd, env });
  return {
    passed: main.code === 0,
    steps: [
      { name: 'script', ...main },
      { name: 'after_script', ...after },
    ],
    summary: '',
  };
}

/**
 * What a runner's machine brings along. Without its certificates and proxies npm tries each download again for many minutes
 * before it gives up. Not npm's own variables: under npx they hold a prefix that wins over the one that a run is given, and
 * what a workflow installs would land in the machine itself.
 */
const ofMachine =
  /^(?:PATH|HOME|CONTAINERS_CONF|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|(?:https?|no)_proxy)$/i;

function runShell(
  script: string,
  { cwd, env }: Pick<CiOptions, 'cwd' | 'env'>,
): { code: number; output: string } {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => ofMachine.test(name)));
  const ended = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { ...inherited, ...env },
    encoding: 'utf8',
  });
  return { code: ended.status ?? -1, output: ended.stdout + ended.stderr };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
