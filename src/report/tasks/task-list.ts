import { shipsSolution, type Dataset, type Task } from '../../dataset/task.js';
import { renderGrid } from '../text/grid.js';

/** `tbench tasks list`: a row a task, broken ones last, and a line of counts. */
export function renderTaskList(dataset: Dataset, width: number): string {
  const columns = [
    { title: 'task' },
    { title: 'difficulty' },
    { title: 'category', shrink: true },
    { title: 'agent', align: 'right' },
    { title: 'tests', align: 'right' },
    { title: 'cpus', align: 'right' },
    { title: 'memory', align: 'right' },
    { title: 'image', shrink: true },
    { title: 'runnable', shrink: true },
  ] as const;
  const broken = dataset.broken.map(({ name }) => [name, '', '', '', '', '', '', '', 'no: cannot be loaded']);
  const grid = renderGrid(columns, [...dataset.tasks.map(taskCells), ...broken], width);
  const title = [dataset.name, dataset.version].filter((part) => part !== null).join(' ');
  return `${title}  ${dataset.dir}\n\n${grid}\n\n${countLine(dataset.tasks, dataset.broken.length)}\n`;
}

function taskCells(task: Task): string[] {
  const { cpus, memoryBytes } = task.environment;
  return [
    task.name,
    task.difficulty ?? '–',
    task.category ?? '–',
    seconds(task.agent.timeoutMs),
    seconds(task.verifier.timeoutMs),
    cpus === null ? '–' : String(cpus),
    memoryBytes === null ? '–' : bytes(memoryBytes),
    task.environment.dockerImage ?? (task.environment.buildContext === null ? '–' : 'Dockerfile'),
    task.refusals.length === 0 ? 'yes' : `no: ${task.refusals.join(', ')}`,
  ];
}

function countLine(tasks: readonly Task[], broken: number): string {
  const levels = new Map<string, number>();
  for (const task of tasks)
    if (task.difficulty !== null) levels.set(task.difficulty, (levels.get(task.difficulty) ?? 0) + 1);
  const runnable = tasks.filter(({ refusals }) => refusals.length === 0).length;
  const unsolved = tasks.filter((task) => !shipsSolution(task)).length;
  const parts = [
    `${tasks.length + broken} ${tasks.length + broken === 1 ? 'task' : 'tasks'}, ${runnable} runnable`,
    ...[...levels].map(([level, count]) => `${count} ${level}`),
    ...(unsolved === 0 ? [] : [`${unsolved} without a solution`]),
    ...(broken === 0 ? [] : [`${broken} cannot be loaded (tbench tasks check says why)`]),
  ];
  return parts.join('; ');
}

/** `tbench tasks show`: everything a person wants to know before reading the files, then the instruction. */
export function renderTask(task: Task): string {
  const { environment, agent, verifier } = task;
  const lines: readonly (readonly [string, string])[] = [
    ['task', task.name],
    ['folder', task.dir],
    ['format', `${task.format} (schema ${task.schemaVersion})`],
    ['difficulty', task.difficulty ?? '–'],
    ['category', task.category ?? '–'],
    ['tags', tagsOf(task)],
    ['image', imageOf(task)],
    ['limits', `${environment.cpus ?? 'no limit of'} cpus, ${limitText(environment.memoryBytes)} memory`],
    ['network', environment.network.mode ?? 'public'],
    ['workdir', environment.workdir ?? "the image's"],
    ['agent', `${seconds(agent.timeoutMs)}${agent.user === null ? '' : ` as ${agent.user}`}`],
    ['tests', `${seconds(verifier.timeoutMs)}, ${testsOf(task)}`],
    ['solution', solutionOf(task)],
    ['runnable', task.refusals.length === 0 ? 'yes' : `no: ${task.refusals.join('; ')}`],
    ...task.steps.map(({ name }) => ['step', name] as const),
    ...task.warnings.map((warning) => ['warning', warning] as const),
  ];
  const table = lines.map(([title, text]) => `${title.padEnd(12)}${text}`).join('\n');
  const instructions =
    task.steps.length === 0
      ? task.instruction.trimEnd()
      : task.steps.map(({ name, instruction }) => `# ${name}\n\n${instruction.trimEnd()}`).join('\n\n');
  return `${table}\n\n${instructions}\n`;
}

function solutionOf(task: Task): string {
  if (task.steps.length > 0) return shipsSolution(task) ? 'one for each step' : 'not for every step';
  const { dir, script } = task.solution;
  return dir === null ? 'none' : `${dir}/${script}`;
}

function testsOf({ verifier }: Task): string {
  if (verifier.separate === null) return verifier.testsDirs.join(', ');
  const { environment, bundled } = verifier.separate;
  const image = environment.dockerImage ?? environment.buildContext ?? 'its own image';
  return `in a container of their own (${image}${bundled ? '' : `, ${verifier.testsDirs.join(', ')}`})`;
}

function imageOf(task: Task): string {
  const { dockerImage, buildContext, dockerfile } = task.environment;
  if (dockerImage !== null) return dockerImage;
  return buildContext === null ? '–' : `built from ${buildContext.split('/').at(-1) ?? ''}/${dockerfile}`;
}

function tagsOf(task: Task): string {
  const { tags } = task.metadata;
  const listed: readonly unknown[] = Array.isArray(tags) ? tags : task.identity.keywords;
  return listed.length === 0 ? '–' : listed.join(', ');
}

function seconds(ms: number | null): string {
  return ms === null ? 'no limit' : `${ms / 1000} s`;
}

function limitText(size: number | null): string {
  return size === null ? 'no limit of' : bytes(size);
}

function bytes(size: number): string {
  const gibibytes = size / 1024 ** 3;
  return Number.isInteger(gibibytes) ? `${gibibytes} GiB` : `${Math.round(size / 1024 ** 2)} MiB`;
}
