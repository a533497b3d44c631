import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';

import { readBoundedYaml, yamlProblem } from '../../base/bounded-yaml.js';
import { InputError } from '../../base/errors.js';
import { readForeignFile } from '../../base/foreign-file.js';
import type { RecordedAnswer, RecordedTask, Recording } from './recording.js';

const callSchema = z.strictObject({
  name: z.string(),
  /** A mapping is sent as JSON; a string is sent as it stands, valid JSON or not. */
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
  id: z.string().optional(),
});

const turnSchema = z
  .strictObject({
    thought: z.string().optional(),
    content: z.string().optional(),
    /** Short for one call of the tool `bash`. */
    command: z.string().optional(),
    tool_calls: z.array(callSchema).optional(),
    finish_reason: z.string().optional(),
    usage: z
      .strictObject({ prompt_tokens: z.number().int(), completion_tokens: z.number().int() })
      .optional(),
  })
  .refine((turn) => turn.command === undefined || turn.tool_calls === undefined, {
    message: 'give either `command` or `tool_calls`, not both',
  });

const scriptSchema = z.strictObject({
  /** Task the script is for; the file's name without its ending when left out. */
  task: z.string().optional(),
  attempts: z.array(z.strictObject({ turns: z.array(turnSchema) })).min(1),
});

/**
 * Parses one script file (docs/replay.md).
 * @throws InputError naming the file and every key that is wrong
 */
export function parseScript(
  text: string,
  file: string,
): { readonly name: string; readonly task: RecordedTask } {
  const reading = readBoundedYaml(text);
  if (reading.kind === 'problem') throw new InputError(`${file}: not valid YAML: ${yamlProblem(reading)}`);
  const parsed = scriptSchema.safeParse(reading.value);
  if (!parsed.success) {
    throw new InputError(`${file}: not a script of model turns\n${z.prettifyError(parsed.error)}`, {
      hint: 'The format is described in docs/replay.md.',
    });
  }
  const { task, attempts } = parsed.data;
  const trials = attempts.map(
    ({ turns }, index) =>
      [
        index + 1,
        {
          prompt: null,
          turns: turns.map((turn) => ({ answer: answerOf(turn), observations: null })),
          overflowTokens: null,
        },
      ] as const,
  );
  return { name: task ?? basename(file, extname(file)), task: { attempts: new Map(trials), cycles: true } };
}

/**
 * Loads a folder of scripts, one YAML file a task.
 * @throws InputError when a file is wrong or two files name the same task
 */
export async function loadScripts(dir: string): Promise<Recording> {
  const tasks = new Map<string, RecordedTask>();
  for (const file of await scriptFiles(dir)) {
    const { name, task } = parseScript(await readScript(dir, basename(file)), file);
    if (tasks.has(name)) throw new InputError(`${file}: task ${name} already has a script in ${dir}`);
    tasks.set(name, task);
  }
  return { kind: 'scripted', source: dir, model: null, tasks };
}

/** The script files of a folder, sorted; empty when it holds none. */
export async function scriptFiles(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir);
  return names
    .filter((name) => ['.yaml', '.yml'].includes(extname(name)))
    .sort()
    .map((name) => join(dir, name));
}

function answerOf(turn: z.infer<typeof turnSchema>): RecordedAnswer {
  const written = turn.tool_calls ?? [];
  const calls =
    turn.command === undefined
      ? written
      : [{ name: 'bash', arguments: { command: turn.command }, id: undefined }];
  return {
    kind: 'answer',
    thought: turn.thought === undefined ? null : { field: 'reasoning', text: turn.thought },
    content: turn.content ?? null,
    toolCalls: calls.map((call) => ({
      id: call.id ?? null,
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    })),
    finishReason: turn.finish_reason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    promptTokens: turn.usage?.prompt_tokens ?? null,
    completionTokens: turn.usage?.completion_tokens ?? null,
  };
}

const maxScriptBytes = 2 ** 20;

async function readScript(dir: string, name: string): Promise<string> {
  const found = await readForeignFile(dir, name, { maxBytes: maxScriptBytes, links: 'inside' });
  if (found.kind === 'file') return found.value.toString('utf8');
  throw new InputError(`${join(dir, name)}: it ${found.kind === 'missing' ? 'is not there' : found.reason}`);
}
