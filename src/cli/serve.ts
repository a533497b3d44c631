import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { onAbort } from '../base/deadline.js';
import { Command } from '@commander-js/extra-typings';
import { sleep } from '../base/deadline.js';
import { EnvironmentError, InputError } from '../base/errors.js';
import { parseServerAddress } from '../model/wire/server-address.js';
import { getHealth } from '../model/service/server-status.js';
import {
  defaultServeRequest,
  servedName,
  serveLines,
  vllmCommand,
  type ServeRequest,
} from '../model/preflight/vllm-command.js';
import { apiKeyOf } from '../run/local/open-model.js';
import { loadHarness } from '../agent/harness/load-harness.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCount } from './options/parse-values.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench serve allenai/qwen35-9b-swesmith                          prints the vLLM command
  tbench serve allenai/qwen35-9b-swesmith --revision step_20       a checkpoint's branch; served as MODEL@step_20
  tbench serve Qwen/Qwen3-8B --exec                                starts it, waits until it answers, stays until Ctrl-C
  tbench serve Qwen/Qwen3.5-9B -- --tensor-parallel-size 2         what follows -- goes to vLLM`;

/** `tbench serve`: the vLLM command that the harness files rely on, printed or run. */
export function serveCommand() {
  return new Command('serve')
    .description('Prints the vLLM command with the flags an evaluation needs, or starts it and waits for it.')
    .argument('<model>', 'repository name or local path')
    .argument('[vllm options...]', 'passed on to vLLM, after --')
    .option('--revision <name>', 'branch, tag or commit of the model repository, such as step_20')
    .option('--served-model-name <name>', 'name to serve it under (default: the model, with its revision)')
    .option('--host <address>', 'address to listen on', defaultServeRequest.host)
    .option('--port <n>', 'port to serve on', parseCount, defaultServeRequest.port)
    .option('--max-model-len <n>', 'context length', parseCount, defaultServeRequest.maxModelLen)
    .option('--tool-call-parser <name>', 'how vLLM reads tool calls (default: by the name of the model)')
    .option(
      '--harness <name or file>',
      'serve for this harness: one that takes commands from text gets no parser',
    )
    .option('--reasoning-parser <name>', 'split thoughts off the content (default: leave them, as published)')
    .option('--log <file>', 'with --exec: keep what the server says in this file too')
    .option('--exec', 'start the command and wait until the server answers', false)
    .addHelpText('after', examples)
    .action(async (model, extra, options) => {
      const request: ServeRequest = {
        model,
        host: options.host,
        port: options.port,
        maxModelLen: options.maxModelLen,
        toolCallParser: options.toolCallParser ?? (await parserFor(options.harness)),
        reasoningParser: options.reasoningParser ?? null,
        extra,
        ...(options.revision === undefined ? {} : { revision: options.revision }),
        ...(options.servedModelName === undefined ? {} : { servedName: options.servedModelName }),
      };
      print(`${serveLines(request)}\n`);
      if (options.exec) await runServer(request, options.log ?? null);
    });
}

/** A parser deletes what looks like a call from answers to requests without tools. Null: by the name of the model. */
async function parserFor(harness: string | undefined): Promise<false | null> {
  if (harness === undefined) return null;
  return (await loadHarness(harness)).actions.source.kind === 'text' ? false : null;
}

/** What the server says goes to the user, and to the end of the file too. */
function keepOutput({ stdout, stderr }: ChildProcess, file: WriteStream): void {
  for (const said of [stdout, stderr]) {
    said?.pipe(process.stderr, { end: false });
    said?.pipe(file, { end: false });
  }
}

async function openLog(path: string): Promise<WriteStream> {
  const file = createWriteStream(path, { flags: 'a' });
  await once(file, 'open').catch((cause: unknown) => {
    throw new InputError(`--log ${path} cannot be written`, { cause });
  });
  return file;
}

/** Runs the server in the foreground until it ends or the user ends it. */
async function runServer(request: ServeRequest, log: string | null): Promise<void> {
  using interrupt = listenForInterrupt();
  const [program = '', ...args] = vllmCommand(request);
  const key = apiKeyOf(process.env);
  if (key === null) tell('OPENAI_API_KEY is not set: the server answers whoever reaches it, without a key');
  // Through the environment: arguments are listed for every user of the machine.
  const env = { ...process.env, ...(key === null ? {} : { VLLM_API_KEY: key }) };
  const file = log === null ? null : await openLog(log);
  const said = file === null ? process.stderr : 'pipe';
  const child = spawn(program, args, { env, stdio: ['ignore', said, said], detached: true });
  if (file !== null) keepOutput(child, file);
  const end = (): void => signalGroup(child, 'SIGKILL');
  // A second Ctrl-C ends this process at once.
  process.once('exit', end);
  const gone = new AbortController();
  const ended = waitForEnd(child).finally(() => {
    end();
    process.off('exit', end);
    gone.abort();
  });
  using _stopping = onAbort(interrupt.signal, () => signalGroup(child, 'SIGINT'));
  const baseUrl = `http://${reachableHost(request.host)}:${request.port}/v1`;
  void waitUntilUp(baseUrl, gone.signal).then((up) => {
    if (up) tell(`ready: tbench run --model ${servedName(request)} --base-url ${baseUrl}`);
  });
  const code = await ended;
  interrupt.signal.throwIfAborted();
  throw new EnvironmentError(`the server ended by itself with code ${code ?? 'of a signal'}`, {
    hint: 'Its last lines above say why.',
  });
}

/**
 * vLLM's engine and workers are processes of their own, in its group. One that outlives the server holds its memory on
 * the GPU, and the next server does not start.
 */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty.
  }
}

/** Where a server that listens on `host` is asked from this machine. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function waitForEnd(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } catch (cause) {
    throw new EnvironmentError('vllm could not be started', {
      hint: 'Install it on the machine with the GPU: pip install vllm',
      cause,
    });
  }
}

/** False when the server ended first. */
async function waitUntilUp(baseUrl: string, signal: AbortSignal): Promise<boolean> {
  const address = parseServerAddress(baseUrl, null);
  try {
    while ((await getHealth(address, 2000, signal)).state !== 'up') await sleep(1000, signal);
    return true;
  } catch {
    return false;
  }
}
