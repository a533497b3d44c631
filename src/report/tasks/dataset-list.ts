import type { PulledCopy } from '../../dataset/source/cache.js';
import type { DatasetReference } from '../../dataset/load-dataset.js';
import { renderGrid } from '../text/grid.js';

/** A dataset by name, and where its tasks are on this machine. */
export interface DatasetRow {
  readonly reference: DatasetReference;
  /** The fetched copy of a manifest's tasks; null when there is none. */
  readonly copy: PulledCopy | null;
  readonly taskCount: number;
}

/** `tbench datasets list`: a row a dataset. */
export function renderDatasetList(rows: readonly DatasetRow[], width: number): string {
  const columns = [
    { title: 'dataset' },
    { title: 'version' },
    { title: 'tasks', align: 'right' },
    { title: 'on this machine' },
    { title: 'from', shrink: true },
  ] as const;
  const cells = rows.map(({ reference, copy, taskCount }) => [
    reference.name,
    reference.kind === 'folder' ? '–' : (reference.manifest.version ?? '–'),
    String(taskCount),
    stateOf(reference, copy),
    reference.kind === 'folder' ? 'ships with tbench' : sourceOf(reference),
  ]);
  return `${renderGrid(columns, cells, width)}\n`;
}

/** `tbench datasets show`: what the dataset is, where it lies, and what its copy lacks. */
export function renderDataset({ reference, copy, taskCount }: DatasetRow): string {
  if (reference.kind === 'folder')
    return rows([...namePart(reference, taskCount), ['folder', reference.dir]]);
  const { manifest } = reference;
  return rows([
    ...namePart(reference, taskCount),
    ['published as', manifest.publishedName],
    ['version', manifest.version ?? '–'],
    ['about', manifest.description],
    ['from', sourceOf(reference)],
    ['folder', copy?.dir ?? `not fetched (tbench datasets pull ${reference.name})`],
    ...(copy === null ? [] : ([['commit', copy.commit]] as const)),
    ...(copy === null ? [] : ([['fetched', `${copy.pulledAt} from ${copy.url}`]] as const)),
    ...(copy?.problems ?? []).map(({ task, text }) => ['problem', `${task}: ${text}`] as const),
  ]);
}

function namePart(reference: DatasetReference, taskCount: number): (readonly [string, string])[] {
  return [
    ['dataset', reference.name],
    ['tasks', String(taskCount)],
  ];
}

function rows(lines: readonly (readonly [string, string])[]): string {
  return lines.map(([title, text]) => `${title.padEnd(14)}${text}\n`).join('');
}

function stateOf(reference: DatasetReference, copy: PulledCopy | null): string {
  if (reference.kind === 'folder') return 'yes';
  if (copy === null) return 'not fetched';
  const problems = copy.problems.length === 0 ? '' : `, ${copy.problems.length} problems`;
  return `commit ${copy.commit.slice(0, 8)}${problems}`;
}

function sourceOf(reference: DatasetReference): string {
  if (reference.kind === 'folder') return '–';
  const { sources, tasks } = reference.manifest;
  const places = tasks.flatMap(({ place }) => (place === null ? [] : [place]));
  const lines = (sources.length > 0 ? sources : places.slice(0, 1)).map(
    ({ git, commit, ref }) =>
      `${git}${commit === null ? (ref === null ? '' : ` ${ref}`) : ` ${commit.slice(0, 8)}`}`,
  );
  return lines.join(', else ');
}
