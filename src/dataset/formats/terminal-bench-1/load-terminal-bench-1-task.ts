import path from 'node:path';
import { z } from 'zod';
import { TaskError } from '../../../base/errors.js';
import { composeRecipe, withCompose, type ComposeRecipe } from './compose-recipe.js';
import { parseYaml } from '../parse-yaml.js';
import { toEnvironment } from '../harbor/environment.js';
import { environmentSchema } from '../harbor/schema.js';
import type { ReadTask, Task, TaskPhase } from '../../task.js';
import { isFile, listFiles, readTaskText } from '../../task-files.js';
import { checkShape } from '../check-shape.js';
import { runTestsScript } from './run-tests-script.js';
import { unknownKeyWarnings } from '../unknown-keys.js';

const minutes = z.number().nonnegative().optional();

const taskYaml = z.object({
  instruction: z.string().min(1),
  author_name: z.string().optional(),
  author_email: z.string().optional(),
  difficulty: z.string().optional(),
  category: z.string().default('software_engineering'),
  tags: z.array(z.string()).default([]),
  parser_name: z.string().default('pytest'),
  max_agent_timeout_sec: z.number().positive().default(360),
  max_test_timeout_sec: z.number().positive().default(60),
  run_tests_in_same_shell: z.boolean().default(false),
  disable_asciinema: z.boolean().optional(),
  estimated_duration_sec: minutes,
  expert_time_estimate_min: minutes,
  junior_time_estimate_min: minutes,
});

type TaskYaml = z.infer<typeof taskYaml>;

/**
 * Loads a Terminal-Bench 1 task folder (task.yaml, run-tests.sh, Dockerfile or a compose file with one plain
 * service) into the same `Task`. Throws TaskError, naming the file and the key.
 */
export async function loadTerminalBench1Task(dir: string): Promise<ReadTask> {
  const file = path.join(dir, 'task.yaml');
  const value = withoutNulls(parseYaml(file, (await readTaskText(dir, 'task.yaml')) ?? ''));
  const yaml = checkShape(file, taskYaml, value);
  await listFiles(dir);
  const { recipe, reading } = await findRecipe(dir);
  const bare = toEnvironment(file, environmentSchema.parse({}), recipe);
  const solution = await findSolution(dir);
  const phase: TaskPhase = {
    timeoutMs: yaml.max_agent_timeout_sec * 1000,
    user: reading?.user ?? null,
    network: { mode: null, allowedHosts: [] },
  };
  return {
    name: path.basename(dir),
    dir,
    format: 'terminal-bench-1',
    schemaVersion: 'terminal-bench-1',
    instruction: yaml.instruction,
    identity: identityOf(yaml),
    source: null,
    metadata: metadataOf(yaml),
    difficulty: yaml.difficulty ?? null,
    category: yaml.category,
    environment: withCompose(bare, reading),
    agent: phase,
    verifier: {
      ...phase,
      timeoutMs: yaml.max_test_timeout_sec * 1000,
      env: {},
      separate: null,
      collect: [],
      testsDirs: [path.join(dir, 'tests')],
      script: 'test.sh',
      scriptText: runTestsScript(await readRunTests(dir)),
    },
    solution: { dir: solution.found ? dir : null, script: 'solution.sh', env: {} },
    artifacts: [],
    steps: [],
    rewardStrategy: 'mean',
    conversation: null,
    warnings: [
      ...unknownKeyWarnings(file, taskYaml, value),
      ...solution.warnings,
      ...yamlWarnings(file, yaml),
    ],
  };
}

/** A key left empty (`estimated_duration_sec:`) is a key not given. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}

function identityOf(yaml: TaskYaml): Task['identity'] {
  const author = yaml.author_name;
  return {
    name: null,
    description: '',
    version: null,
    authors: author === undefined ? [] : [{ name: author, email: yaml.author_email ?? null }],
    keywords: yaml.tags,
  };
}

function metadataOf(yaml: TaskYaml): Task['metadata'] {
  const { difficulty, category, tags, parser_name } = yaml;
  const { estimated_duration_sec, expert_time_estimate_min, junior_time_estimate_min } = yaml;
  const times = { estimated_duration_sec, expert_time_estimate_min, junior_time_estimate_min };
  const given = Object.entries({ difficulty, category, tags, parser_name, ...times });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function yamlWarnings(file: string, yaml: TaskYaml): string[] {
  const parser = `${file}: parser_name "${yaml.parser_name}" is not read; without a pytest report the exit code decides`;
  const shell = `${file}: run_tests_in_same_shell: the tests run in a shell of their own, not in the agent's`;
  return [
    ...(yaml.parser_name === 'pytest' ? [] : [parser]),
    ...(yaml.run_tests_in_same_shell ? [shell] : []),
  ];
}

async function readRunTests(dir: string): Promise<string> {
  const file = path.join(dir, 'run-tests.sh');
  const text = await readTaskText(dir, 'run-tests.sh');
  if (text === null) throw new TaskError(`${file}: the test script is missing`);
  return text;
}

async function findSolution(dir: string): Promise<{ found: boolean; warnings: readonly string[] }> {
  if (await isFile(path.join(dir, 'solution.sh'))) return { found: true, warnings: [] };
  const keystrokes = path.join(dir, 'solution.yaml');
  if (!(await isFile(keystrokes))) return { found: false, warnings: [] };
  return { found: false, warnings: [`${keystrokes}: a keystroke script, which the oracle cannot replay`] };
}

async function findRecipe(dir: string): Promise<ComposeRecipe> {
  for (const name of ['docker-compose.yaml', 'docker-compose.yml']) {
    const compose = path.join(dir, name);
    if (await isFile(compose)) return composeRecipe(compose, dir);
  }
  if (await isFile(path.join(dir, 'Dockerfile')))
    return { recipe: { buildContext: dir, dockerfile: 'Dockerfile' }, reading: null };
  throw new TaskError(`${dir}: neither docker-compose.yaml nor Dockerfile`);
}
