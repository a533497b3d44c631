import { readForeignFile } from '../../base/foreign-file.js';
import { comesFromGit, findLfsPointers } from '../source/lfs.js';
import { shipsSolution, type Task } from '../task.js';
import { collectTestFiles } from '../upload-files.js';
import { targetsOutsideTests } from './test-targets.js';

/** Something `tasks check` has to say. An error makes the task unusable, a warning may change its result. */
export interface CheckFinding {
  /** Empty for a finding about the dataset as a whole. */
  readonly task: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
}

/** What a look at a loaded task's files shows, without running anything. */
export async function checkTask(task: Task): Promise<CheckFinding[]> {
  const say = (level: CheckFinding['level'], text: string): CheckFinding => ({
    task: task.name,
    level,
    text,
  });
  const isOpen = task.steps.length === 0 && task.verifier.separate?.bundled !== true;
  const files = isOpen ? await collectTestFiles(task) : null;
  const script = files?.find((file) => file.path === task.verifier.script)?.content.toString('utf8') ?? '';
  const pointers = (await comesFromGit(task.dir)) ? await findLfsPointers(task.dir) : [];
  return [
    ...task.warnings.map((text) => say('warning', text)),
    ...pointers.map((file) => say('error', `${file} is a Git LFS pointer, its content is missing`)),
    ...scriptFindings(task, script).map((text) => say('warning', text)),
    ...(files === null || writesReward(files)
      ? []
      : [say('warning', 'no file in tests/ mentions reward.txt or reward.json')]),
    ...(await solutionFindings(task)).map((text) => say('warning', text)),
    ...(task.agent.timeoutMs === null ? [say('note', 'the agent has no time limit')] : []),
    ...(!shipsSolution(task) ? [say('note', 'ships no solution')] : []),
    ...task.refusals.map((text) => say('note', `cannot be run: ${text}`)),
  ];
}

function scriptFindings(task: Task, script: string): string[] {
  const name = `tests/${task.verifier.script}`;
  return [
    ...targetsOutsideTests(script).map(
      (target) => `${name} runs tests from ${target}, where the agent can write`,
    ),
    ...(script.includes('\r\n') ? [`${name} has Windows line ends, which bash does not read`] : []),
  ];
}

const maxScriptBytes = 2 ** 24;

async function solutionFindings(task: Task): Promise<string[]> {
  const { dir, script } = task.solution;
  if (dir === null) return [];
  const file = await readForeignFile(dir, script, { maxBytes: maxScriptBytes, links: 'inside' });
  if (file.kind === 'missing') return [`${script} is missing`];
  if (file.kind === 'refused') return [`${script} ${file.reason}`];
  const text = file.value.toString('utf8');
  return text.includes('\r\n') ? [`${script} has Windows line ends, which bash does not read`] : [];
}

/** A task whose tests never name the reward file can give no verdict, unless something unseen writes it. */
function writesReward(files: readonly { readonly content: Buffer }[]): boolean {
  return files.some(({ content }) => content.includes('reward.txt') || content.includes('reward.json'));
}
