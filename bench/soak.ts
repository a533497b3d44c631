import { randomUUID } from 'node:crypto';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import { soak } from '../test/contract/soak.js';
import { figure, type Figure } from './figure.js';
import { benchSpec, ensureBenchImage } from './sandboxes.js';

const size = { sandboxes: 64, commands: 200 };

/** The soak of the sandbox tests at its full size; several minutes, so only `--only soak` runs it. */
export async function soakGroup(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  const image = await ensureBenchImage(engine);
  const report = await soak(engine, () => benchSpec(image, `soak-${randomUUID().slice(0, 8)}`), size);
  for (const line of report.wrong) console.error(line);
  return [
    figure('soak: commands', 'per second', [report.commands / report.seconds]),
    figure('soak: wrong results', `of ${report.commands}`, [report.wrong.length]),
    figure('soak: file descriptors left', 'open', [
      report.fileDescriptors.after - report.fileDescriptors.before,
    ]),
    figure('soak: growth of the heap', 'MiB', [
      (report.memoryBytes.after - report.memoryBytes.before) / 2 ** 20,
    ]),
  ];
}
