import { Command } from '@commander-js/extra-typings';
import { openContainerEngine } from '../sandbox/open-engine.js';
import { listenForInterrupt } from './interrupt.js';

/** `tbench clean`: removes what killed runs left behind. */
export function cleanCommand() {
  return new Command('clean')
    .description(
      'Remove containers that killed runs left behind (every start of `tbench run` does so too) and those that ' +
        '`--keep-sandboxes` kept. Containers of a ' +
        'tbench that still runs are left alone. Images are kept for the next run unless --images is given.',
    )
    .option('--all', 'containers of living tbench processes too')
    .option('--images', 'also the images that tbench built')
    .option('--engine <socket>', "the engine's socket or url, as for `tbench run`")
    .option('--json', 'print {"containers": [...], "images": [...]}')
    .addHelpText(
      'after',
      `
Examples:
  tbench clean                 after a kill -9 or a power cut
  tbench clean --all           nothing of tbench shall run on this machine
  tbench clean --images        free the disk that built task images take`,
    )
    .action(async (options) => {
      const onWarning = (message: string): void => console.error(message);
      using interrupt = listenForInterrupt();
      await using engine = await openContainerEngine({
        engine: options.engine,
        env: process.env,
        signal: interrupt.signal,
        onWarning,
      });
      const containers = await engine.sweep({ kept: true, all: options.all ?? false });
      const images = options.images === true ? await engine.removeBuiltImages() : [];
      if (options.json === true) console.log(JSON.stringify({ containers, images }));
      else console.log(renderCleaned(containers, images));
    });
}

function renderCleaned(containers: readonly string[], images: readonly string[]): string {
  const lines = [
    ...containers.map((name) => `removed container ${name}`),
    ...images.map((name) => `removed image ${name}`),
  ];
  return lines.length === 0 ? 'nothing to clean' : lines.join('\n');
}
