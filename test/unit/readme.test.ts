import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { baselineCommand } from '../../src/cli/baseline.js';
import { certifyCommand } from '../../src/cli/certify.js';
import { checkCommand } from '../../src/cli/check.js';
import { cleanCommand } from '../../src/cli/clean.js';
import { compareCommand } from '../../src/cli/compare.js';
import { completionCommand } from '../../src/cli/completion.js';
import { curveCommand } from '../../src/cli/curve.js';
import { datasetsCommand } from '../../src/cli/datasets.js';
import { doctorCommand } from '../../src/cli/doctor.js';
import { exportCommand } from '../../src/cli/export.js';
import { gateCommand } from '../../src/cli/gate.js';
import { initCommand } from '../../src/cli/init.js';
import { leaderboardCommand } from '../../src/cli/leaderboard.js';
import { regradeCommand } from '../../src/cli/regrade.js';
import { replayCheckCommand } from '../../src/cli/replay-check.js';
import { reportCommand } from '../../src/cli/report.js';
import { runCommand } from '../../src/cli/run.js';
import { scoreCommand } from '../../src/cli/score.js';
import { serveCommand } from '../../src/cli/serve.js';
import { showCommand } from '../../src/cli/show.js';
import { sweepCommand } from '../../src/cli/sweep.js';
import { tasksCommand } from '../../src/cli/tasks.js';
import { demoCommand } from '../../src/cli/demo.js';
import { logsCommand } from '../../src/cli/logs.js';
import { statusCommand } from '../../src/cli/status.js';
import { viewCommand } from '../../src/cli/view.js';
import { cancelCommand, pauseCommand, setCommand } from '../../src/cli/control.js';
import { rerunCommand } from '../../src/cli/rerun.js';
import { resumeCommand } from '../../src/cli/resume.js';
import { mergeCommand } from '../../src/cli/merge.js';
import { prefetchCommand } from '../../src/cli/prefetch.js';
import { workerCommand } from '../../src/cli/worker.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

interface CommandShape {
  readonly options: readonly { readonly long?: string | undefined }[];
  readonly commands: readonly CommandShape[];
  name(): string;
}

const commands: readonly CommandShape[] = [
  baselineCommand(),
  certifyCommand(),
  checkCommand(),
  cleanCommand(),
  compareCommand(),
  datasetsCommand(),
  doctorCommand(),
  exportCommand(),
  gateCommand(),
  leaderboardCommand(),
  regradeCommand(),
  replayCheckCommand(),
  reportCommand(),
  runCommand(),
  scoreCommand(),
  serveCommand(),
  showCommand(),
  tasksCommand(),
  demoCommand(),
  logsCommand(),
  statusCommand(),
  viewCommand(),
  completionCommand(() => Promise.resolve([])),
  curveCommand(),
  initCommand(),
  sweepCommand(),
  cancelCommand(),
  pauseCommand(),
  rerunCommand(),
  resumeCommand(),
  setCommand(),
  mergeCommand(),
  prefetchCommand(),
  workerCommand(),
];

function optionsOf(command: CommandShape): string[] {
  const own = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  return [...own, ...command.commands.flatMap(optionsOf)];
}

describe('README.md', () => {
  it('fits in 150 lines', async () => {
    expect((await read('README.md')).trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  it('links only to what is there, as do the other pages at the top', async () => {
    for (const page of ['README.md', 'CONTRIBUTING.md', 'AGENTS.md']) {
      const targets = [...(await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
      for (const target of targets) {
        await expect(access(fileURLToPath(new URL(target, root))), `${page}: ${target}`).resolves.toBe(
          undefined,
        );
      }
    }
  });

  it('names only commands and options there are', async () => {
    const text = await read('README.md');
    const named = [...text.matchAll(/(?:^ {4}|`)tbench ([a-z-]+)/gm)].map(([, name]) => name!);
    const known = commands.map((command) => command.name());
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
    const options = new Set([...commands.flatMap(optionsOf), '--help']);
    const used = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([option]) => option);
    expect(used.filter((option) => !options.has(option))).toEqual([]);
  });

  it('names every command in its table', async () => {
    const program = await read('src/cli/main.ts');
    const all = [...program.matchAll(/^ {2}'?([a-z-]+)'?: async \(\) =>/gm)].map(([, name]) => name!);
    expect(all.toSorted()).toEqual(commands.map((command) => command.name()).toSorted());
    const rows = (await read('README.md')).split('\n').filter((line) => line.startsWith('| `tbench'));
    const named = rows.flatMap((row) => [...row.matchAll(/`tbench ([a-z-]+)`/g)].map(([, name]) => name!));
    expect(named.toSorted()).toEqual(all.toSorted());
  });

  it('names only npm scripts there are', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const pages = (await read('README.md')) + (await read('CONTRIBUTING.md')) + (await read('AGENTS.md'));
    const used = [...pages.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name!);
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
  });
});
