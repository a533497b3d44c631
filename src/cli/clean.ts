import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { safeJson } from '../base/safe-text.js';
import type { ManagedContainer } from '../sandbox/cleanup/sweep.js';
import type { RemovedImage } from '../sandbox/cleanup/own-images.js';
import { openContainerEngine } from '../sandbox/open-engine.js';
import { listenForInterrupt } from './interrupt.js';
import { parseBytes } from './options/parse-values.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench clean                   after a kill -9 or a power cut
  tbench clean --all --dry-run   every container of tbench, and whose it is
  tbench clean --all --force     nothing of tbench shall run on this machine
  tbench clean --images          free the disk that built task images take
  tbench clean --images --keep 50GB   all but the images that jobs used last, fetched ones too`;

/** `tbench clean`: removes what killed runs left behind. */
export function cleanCommand() {
  return new Command('clean')
    .description(
      'Removes containers that killed runs left behind (every start of `tbench run` does so too) and those that ' +
        '`--keep-sandboxes` kept. Containers of a tbench that still runs, or whose process cannot be seen from here, are ' +
        'left alone. Images are kept for the next run unless --images is given.',
    )
    .option(
      '--all',
      'name the containers of living and unseen tbench processes too; with --force remove them',
      false,
    )
    .option('--force', 'with --all: end what still runs', false)
    .option('--dry-run', 'say what would be removed, and remove nothing', false)
    .option('--images', 'also the images that tbench built', false)
    .option(
      '--keep <size>',
      'with --images: keep what jobs used last up to this size, and remove the rest of what tbench built or fetched',
      parseBytes,
    )
    .option('--engine <socket>', "the engine's socket or url, as for `tbench run`")
    .option('--json', 'print {"containers": [...], "spared": [...], "images": [...]}', false)
    .addHelpText('after', examples)
    .action(async (options) => {
      if (options.force && !options.all)
        throw new InputError('--force goes with --all: by itself, clean removes only what nobody works with');
      if (options.keep !== undefined && !options.images) throw new InputError('--keep goes with --images');
      using interrupt = listenForInterrupt();
      await using engine = await openContainerEngine({
        engine: options.engine,
        env: process.env,
        signal: interrupt.signal,
        onWarning: tell,
      });
      const { dryRun: isRehearsal } = options;
      const found = divide(await engine.managedContainers(), options);
      if (!isRehearsal) {
        await engine.removeManaged(found.removed);
        await engine.sweep({ kept: true });
      }
      const images = options.images
        ? await engine.removeImages({ isRehearsal, keepBytes: options.keep ?? null })
        : [];
      const cleaned = { ...found, images };
      print(options.json ? toJson(cleaned) : render(cleaned, isRehearsal));
    });
}

interface Cleaned {
  readonly removed: readonly ManagedContainer[];
  /** Those of processes that may live; told with `--all` only. */
  readonly spared: readonly ManagedContainer[];
  readonly images: readonly RemovedImage[];
}

/** What goes and what stays: a container whose owner may live goes only by force. */
function divide(
  containers: readonly ManagedContainer[],
  { all, force }: { readonly all: boolean; readonly force: boolean },
): Omit<Cleaned, 'images'> {
  const isOver = ({ owner }: ManagedContainer): boolean => owner === 'dead' || owner === 'waiting';
  const mayLive = containers.filter((one) => !isOver(one));
  return {
    removed: force ? containers : containers.filter(isOver),
    spared: all && !force ? mayLive : [],
  };
}

function toJson({ removed, spared, images: removedImages }: Cleaned): string {
  const images = removedImages.map(({ name }) => name);
  const containers = removed.map(({ name }) => name);
  return `${safeJson({ containers, spared: spared.map(({ id: _id, ...rest }) => rest), images }, 0)}\n`;
}

function render({ removed, spared, images }: Cleaned, isRehearsal: boolean): string {
  const verb = isRehearsal ? 'would remove' : 'removed';
  const lines = [
    ...removed.map((one) => `${verb} container ${one.name} (${owned(one)})`),
    ...images.map(({ name, bytes }) => `${verb} image ${name} (${(bytes / 1e9).toFixed(2)} GB)`),
    ...spared.map((one) => `left container ${one.name} (${owned(one)})`),
    ...(spared.length > 0
      ? ['tbench clean --all --force removes what was left, running trials with it']
      : []),
  ];
  return `${lines.length === 0 ? 'nothing to clean' : lines.join('\n')}\n`;
}

const ownerWords = {
  alive: 'still runs',
  dead: 'is gone',
  waiting: 'is gone, its job could be continued',
  unknown: 'of another host or container',
} as const;

function owned({ job, trial, ownerPid, owner }: ManagedContainer): string {
  return `job ${job}, trial ${trial}, process ${ownerPid} ${ownerWords[owner]}`;
}
