import { writeFile } from 'node:fs/promises';
import { Option, program } from '@commander-js/extra-typings';
import Table from 'cli-table3';
import type { Figure } from './figure.js';
import { harbor } from './harbor.js';
import { job } from './job/job.js';
import { model } from './model.js';
import { queue } from './queue.js';
import { followTenThousand } from './queue-echo.js';
import { sandboxLifecycle } from './sandbox-lifecycle.js';
import { shell } from './shell.js';
import { soakGroup } from './soak.js';
import { trial } from './trial.js';
import { verifierChecks } from './verifier.js';

/** What `npm run bench` measures, in this order; `--only NAME` picks. */
const groups: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  shell,
  sandbox: sandboxLifecycle,
  trial,
  model,
  verifier: verifierChecks,
  job,
  soak: soakGroup,
  queue,
  'queue-echo': followTenThousand,
  harbor,
};

/** Those that take many minutes are only measured by name. */
const longGroups: readonly string[] = ['job', 'soak', 'queue', 'queue-echo', 'harbor'];

const options = program
  .name('npm run bench --')
  .description(
    'Measures tbench against peers in the same run; on a quiet machine. docs/benchmarks.md explains the figures.',
  )
  .addOption(
    new Option(
      '--only <groups...>',
      'these groups; without it all but job, soak, queue, queue-echo and harbor, which take many minutes',
    ).choices(Object.keys(groups)),
  )
  .option('--json <file>', 'write every figure as {name, unit, median, p99, n, ratios: {peer: x}}')
  .addHelpText('after', '\nExample:\n  npm run bench -- --only shell --json figures.json')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts();

await main(options.only ?? Object.keys(groups).filter((name) => !longGroups.includes(name)), options.json);

async function main(names: readonly string[], jsonFile: string | undefined): Promise<void> {
  const figures: Figure[] = [];
  for (const name of names) {
    const group = groups[name];
    if (group === undefined) continue;
    const startedAt = performance.now();
    const measured = await group();
    figures.push(...measured);
    console.log(`\n${name} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
    console.log(renderFigures(measured));
  }
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
}

function renderFigures(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['figure', 'median', 'p99', 'n', 'how many times this'],
    style: { head: [], border: [] },
  });
  for (const { name, unit, median, p99, n, ratios } of figures) {
    const peers = Object.entries(ratios).map(([peer, ratio]) => `${peer}: ${ratio}×`);
    table.push([name, `${median} ${unit}`, `${p99} ${unit}`, n, peers.join('\n')]);
  }
  return table.toString();
}
