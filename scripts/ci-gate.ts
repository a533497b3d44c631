/**
 * The gate as somebody else's repository would see it, following docs/gate.md: packs tbench, makes a scratch repository with the
 * tarball and docs/ci/github-actions.yml, evaluates the sample tasks with replayed turns on real podman, saves a
 * baseline, and runs the workflow to a green gate, to a red one with turns that solve nothing, and to one that cannot
 * tell with another choice of tasks. No GPU, no GitHub. Usage: npm run build && tsx scripts/ci-gate.ts
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGithubWorkflow, type CiRun } from '../test/doubles/ci-runner.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'tbench-ci-gate-'));
const consumer = join(scratch, 'repository');
const prefix = join(scratch, 'npm');

function say(text: string): void {
  console.log(`\n== ${text}`);
}

/** The workflow in the scratch repository, as the commit `sha`, served the turns in `turns`. */
function workflow(turns: string, sha: string, skip: readonly string[], dataset = 'sample'): CiRun {
  const run = runGithubWorkflow(join(consumer, '.github/workflows/tbench.yml'), {
    cwd: consumer,
    skip,
    env: {
      PATH: `${join(prefix, 'bin')}:${process.env['PATH'] ?? ''}`,
      NPM_CONFIG_PREFIX: prefix,
      GITHUB_SHA: sha,
      TBENCH_MODEL: `replay:${turns}`,
      TBENCH_BASE_URL: '',
      TBENCH_DATASET: dataset,
      TBENCH_BASELINE: 'baseline.json',
    },
  });
  for (const step of run.steps) console.log(`\n-- ${step.name}: exit code ${step.code}\n${step.output}`);
  return run;
}

/** The same tasks, given up at once. */
function writeTurnsThatSolveNothing(turns: string, worse: string): void {
  mkdirSync(worse);
  for (const name of readdirSync(turns)) {
    const turn = '{content: I give up., command: echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT}';
    writeFileSync(join(worse, name), `attempts: [{turns: [${turn}]}]\n`);
  }
}

function main(): boolean {
  say('a repository with nothing but the packed tbench and the workflow');
  const workflows = join(consumer, '.github/workflows');
  mkdirSync(workflows, { recursive: true });
  copyFileSync(join(repository, 'docs/ci/github-actions.yml'), join(workflows, 'tbench.yml'));
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch];
  const tarball = execFileSync('npm', pack, { cwd: repository, encoding: 'utf8' }).trim();
  renameSync(join(scratch, tarball), join(consumer, 'tbench.tgz'));
  const turns = join(repository, 'test/fixtures/sample-turns');
  say('main branch: install, evaluate, save the baseline');
  const first = workflow(turns, 'main', ['Gate', 'Report']);
  if (!first.passed) return false;
  const tbench = join(prefix, 'bin', 'tbench');
  execFileSync(tbench, ['baseline', 'save', 'ci-main', '--out', 'baseline.json'], {
    cwd: consumer,
    stdio: 'inherit',
  });
  say('a pull request that changes nothing');
  const green = workflow(turns, 'same', ['Install']);
  say('a pull request that breaks everything');
  const worse = join(scratch, 'worse-turns');
  writeTurnsThatSolveNothing(turns, worse);
  const red = workflow(worse, 'worse', ['Install']);
  say('a pull request that evaluates other tasks');
  const one = join(scratch, 'one-task');
  mkdirSync(one);
  const [task = ''] = readdirSync(turns).map((name) => name.replace(/\.yaml$/, ''));
  cpSync(join(repository, 'tasks/sample', task), join(one, task), { recursive: true });
  const unsure = workflow(turns, 'other', ['Install'], one);
  const gateCode = (run: CiRun): number | undefined => run.steps.find((step) => step.name === 'Gate')?.code;
  say(
    `gates ended with ${[green, red, unsure].map((run) => String(gateCode(run))).join(', ')} (wanted 0, 1, 3)`,
  );
  return gateCode(green) === 0 && gateCode(red) === 1 && gateCode(unsure) === 3;
}

try {
  process.exitCode = main() ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
