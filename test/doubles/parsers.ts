import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { frontMatter } from '../../src/agent/templates/instruction-with-extras.js';
import { controlCommandSchema } from '../../src/record/control-command.js';
import { workerSchema } from '../../src/job/queue/announcements.js';
import { deliverySchema, trialMessageSchema } from '../../src/job/queue/messages.js';
import { parseAction } from '../../src/agent/loop/parse-action.js';
import { readBoundedYaml } from '../../src/base/bounded-yaml.js';
import { parseJson } from '../../src/base/json-value.js';
import { nearestName } from '../../src/base/nearest-name.js';
import { safeText } from '../../src/base/safe-text.js';
import { parseEnvFile } from '../../src/cli/options/env-file.js';
import { targetsOutsideTests } from '../../src/dataset/check/test-targets.js';
import { parseToml } from '../../src/dataset/formats/check-shape.js';
import { parseComposeEnvFile } from '../../src/dataset/formats/compose/env-file.js';
import { interpolate } from '../../src/dataset/formats/compose/interpolate.js';
import { readProject } from '../../src/dataset/formats/compose/read-project.js';
import { durationMs, sizeBytes, splitWords } from '../../src/dataset/formats/compose/units.js';
import { readCompose } from '../../src/dataset/formats/terminal-bench-1/read-compose.js';
import { requireSelected, unpackaged } from '../../src/dataset/ignore/ignored-files.js';
import { loadTask } from '../../src/dataset/load-task.js';
import { gitReference } from '../../src/dataset/source/git-reference.js';
import { loadManifest } from '../../src/dataset/source/manifest.js';
import { findInRegistry } from '../../src/dataset/source/registry.js';
import { recoverToolCalls } from '../../src/model/recover/recover-tool-calls.js';
import { parseScript } from '../../src/model/replay/script-recording.js';
import { classifyFailure } from '../../src/model/retry/classify-failure.js';
import { parseServerLoad } from '../../src/model/service/metrics.js';
import { ReplyCollector } from '../../src/model/wire/reply-collector.js';
import { readServerError } from '../../src/model/wire/server-error.js';
import { SseReader } from '../../src/model/wire/sse-reader.js';
import { readUsage } from '../../src/model/wire/usage.js';
import { parseAllowedHost } from '../../src/record/network-policy.js';
import { readStoredEvidence } from '../../src/record/evidence/evidence.js';
import { readBaseline } from '../../src/results/baseline-file.js';
import { readTrial } from '../../src/results/formats/harbor/read-trial.js';
import { readConversation } from '../../src/results/formats/read-conversation.js';
import { readMiniSweAgent } from '../../src/results/formats/read-mini-swe-agent.js';
import { readTerminalBench1 } from '../../src/results/formats/read-terminal-bench-1.js';
import { parseJournal } from '../../src/results/read-journal.js';
import { createRedactor } from '../../src/results/redact.js';
import { checkItself, readCertificate } from '../../src/review/certificate/verify-certificate.js';
import { hideForSharing } from '../../src/review/export/redact-for-sharing.js';
import { readLiveJob } from '../../src/review/live/read-live-job.js';
import { openTurns } from '../../src/review/turns/open-turns.js';
import { readTestReport } from '../../src/review/trial/test-report.js';
import { frameSplitter } from '../../src/sandbox/connection/demultiplex.js';
import { counter, parseCgroupFile } from '../../src/sandbox/container/limits/host-view.js';
import { decodeName, safeName } from '../../src/sandbox/files/entry-name.js';
import { excluder } from '../../src/sandbox/files/exclude-patterns.js';
import { parsePathStat } from '../../src/sandbox/files/path-stat.js';
import { loadBuildContext } from '../../src/sandbox/image/build-context.js';
import { buildFailure } from '../../src/sandbox/image/build-failure.js';
import { parseImageReference } from '../../src/sandbox/image/image-reference.js';
import { addedHosts } from '../../src/sandbox/image/mounts/added-hosts.js';
import { hostRunRefusal } from '../../src/sandbox/image/mounts/host-runs.js';
import { namedImages } from '../../src/sandbox/image/mounts/named-images.js';
import { mountRefusal } from '../../src/sandbox/image/mounts/refuse-mounts.js';
import { readProgress } from '../../src/sandbox/image/progress-stream.js';
import { readQuestion } from '../../src/sandbox/network/gate/dns-message.js';
import { saidName } from '../../src/sandbox/network/gate/said-name.js';
import { inet6Addresses, localAddresses, routeGateways } from '../../src/sandbox/network/host-addresses.js';
import { ControlReader } from '../../src/sandbox/shell/channel/frame.js';
import { parseState } from '../../src/sandbox/shell/payload.js';
import { homeFrom } from '../../src/verifier/scene/initial-scene.js';
import { findLookups } from '../../src/verifier/scene/lookups.js';
import { parseRegistry } from '../../src/verifier/scene/explain-changes.js';
import { redirectedHosts } from '../../src/verifier/scene/watch-list.js';
import { parsePackageReport } from '../../src/verifier/scene/package-state.js';
import { recogniseBootstrapFailure } from '../../src/verifier/tests/bootstrap.js';
import { parseCtrf } from '../../src/verifier/tests/ctrf.js';
import { interpreterOf } from '../../src/verifier/tests/script/interpreter.js';
import { readPreamble } from '../../src/verifier/tests/script/preamble.js';
import { parseDecimal, readReward } from '../../src/verifier/tests/reward.js';
import { parseRunnerOutput } from '../../src/verifier/tests/runner-output.js';
import { parseTestScript } from '../../src/verifier/tests/test-script.js';
import { readTrace } from '../../src/verifier/tests/trace.js';
import { fromId } from '../../src/view/address.js';

/** What reads a stranger's text, and texts of that kind which come further into it than noise does. */
export interface Parser {
  readonly of: string;
  readonly read: (text: string, folder: string) => unknown;
  /** Fill is put between the two. */
  readonly frames?: readonly (readonly [string, string])[];
}

const textRules = {
  source: { kind: 'text', pattern: /```bash\s*\n(.*?)\n```/gs },
  truncated: 'reject',
  noCall: 'submit',
  run: 'all',
} as never;
const rules = { source: { kind: 'tool' }, truncated: 'reject', noCall: 'submit', run: 'all' } as never;

/** Of a reader of a file: the file written, and then what reads it. */
function inFile(name: string, read: (folder: string) => Promise<unknown>): Parser['read'] {
  return async (text, folder) => {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
    return await read(folder);
  };
}

function ofModel(): Parser[] {
  return [
    {
      of: 'a reply with calls in its text',
      read: (content) =>
        recoverToolCalls(
          { content, thought: { text: content, field: 'reasoning' }, toolCalls: [] } as never,
          ['bash'],
        ),
      frames: [
        ['<tool_call>{"name":"bash","arguments":{"command":"', '"}}</tool_call>'],
        ['<function=bash><parameter=command>', '</parameter>'],
        ['```json\n{"name":"bash","arguments":', '}\n```'],
      ],
    },
    {
      of: "a call's arguments",
      read: (text) =>
        parseAction(
          { content: '', truncated: false, toolCalls: [{ id: '1', name: 'bash', arguments: text }] as never },
          rules,
          'bash',
        ),
      frames: [['{"command":"', '"}']],
    },
    { of: 'a command that may look tasks up', read: (text) => findLookups([text]), frames: [['curl ', '']] },
    {
      of: 'a stream of events',
      read: (text) => {
        const [sse, collector, bytes] = [new SseReader(), new ReplyCollector(), Buffer.from(text)];
        for (let at = 0; at < bytes.length; at += 65_536)
          for (const event of sse.push(bytes.subarray(at, at + 65_536)))
            collector.add((parseJson(event) ?? {}) as never);
        return sse.end();
      },
      frames: [
        ['data: ', '\n\n'],
        [': ', '\n\n'],
        ['data: {"choices":[{"delta":{"tool_calls":', '}}]}\n\n'],
      ],
    },
    { of: 'the usage of an answer', read: (text) => readUsage((parseJson(text) ?? {}) as never) },
    { of: "a server's error", read: readServerError, frames: [['{"error":{"message":"', '"}}']] },
    {
      of: 'what a failed request means',
      read: (body) => classifyFailure({ kind: 'status', status: 400, body, retryAfterMs: null }),
      frames: [['{"error":{"message":"', '"}}']],
    },
    {
      of: "a reply under a harness's pattern",
      read: (content) => parseAction({ content, truncated: false, toolCalls: [] }, textRules, 'bash'),
      frames: [['```bash\n', '\n```']],
    },
    { of: "a server's metrics", read: parseServerLoad, frames: [['vllm:num_requests_running{', '} 1\n']] },
  ];
}

function ofTasks(): Parser[] {
  return [
    { of: 'task.toml', read: (text) => parseToml('task.toml', text), frames: [['a = ', '\n']] },
    {
      of: "a task's folder",
      read: inFile('task.toml', loadTask),
      frames: [['version = "1.0"\n[metadata]\n"', '" = 1\n']],
    },
    {
      of: 'dataset.toml',
      read: inFile('dataset.toml', (folder) => loadManifest(join(folder, 'dataset.toml'))),
    },
    {
      of: 'a harness',
      read: inFile('h.yaml', (folder) => loadHarness(join(folder, 'h.yaml'))),
      frames: [['a: ', '\n']],
    },
    {
      of: 'an env file',
      read: (text) => parseComposeEnvFile(text, {}),
      frames: [
        ['a=', 'x'],
        ['a="', 'x'],
      ],
    },
    { of: '--env-file', read: (text) => parseEnvFile('f', text), frames: [['a="', 'x']] },
    { of: 'YAML', read: readBoundedYaml, frames: [['- {a: ', '}\n']] },
    {
      of: 'a script of turns',
      read: (text) => parseScript(text, 'a.yaml'),
      frames: [['attempts:\n  - turns:\n    - content: ', '\n']],
    },
    {
      of: 'registry.json',
      read: inFile('registry.json', (folder) => findInRegistry(join(folder, 'registry.json'), '')),
      frames: [['[{"name":"a","version":"1","tasks":[', ']}]']],
    },
    {
      of: 'a git address',
      read: (text) => gitReference(`git+${text}`),
      frames: [['https://a.example/', 'x@v1#tasks']],
    },
    { of: 'an allowed host', read: parseAllowedHost, frames: [['*.', '.a']] },
    { of: 'a name that is near others', read: (text) => nearestName(text, ['sample', 'tb-lite']) },
    { of: 'variables in a text', read: (text) => interpolate(text, {}), frames: [['${a:-', '}']] },
    { of: 'words of a command', read: splitWords, frames: [['"', 'x']] },
    {
      of: 'a duration and a size',
      read: (text) => [durationMs(text), sizeBytes(text)],
      frames: [['1', 'x']],
    },
    {
      of: 'a compose file',
      read: (text, folder) => readProject({ file: 'compose.yaml', text, dir: folder } as never, {}),
      frames: [['services:\n  main:\n    command: ', '\n']],
    },
    {
      of: 'a compose file of Terminal-Bench 1',
      read: (text) => readCompose('compose.yaml', text),
      frames: [['services:\n  client:\n    command: ', '\n']],
    },
    { of: 'a .gitignore', read: inFile('.gitignore', unpackaged), frames: [['**/', '/x']] },
    {
      of: 'a .harborignore',
      read: inFile('tests/.harborignore', (folder) => requireSelected(folder, ['tests/test.sh'])),
      frames: [['**/', '/x']],
    },
    {
      of: 'a .dockerignore',
      read: inFile('.dockerignore', (folder) => loadBuildContext(folder, 'Dockerfile')),
      frames: [['**/', '/x']],
    },
    { of: 'a pattern of artifacts', read: (text) => excluder([text.slice(0, 1024)])('a/b/c') },
    { of: 'a path under a pattern', read: (text) => excluder(['*a*b*[cd]'])(text.slice(0, 1024)) },
    { of: 'an image name', read: parseImageReference, frames: [['a/', ':x@y']] },
    {
      of: 'mounts of a Dockerfile',
      read: (text) => mountRefusal(text, false),
      frames: [
        ['FROM a\nRUN --mount=type=bind,', 'from=b true\n'],
        ['FROM a\nRUN <<E', '\nE\n'],
      ],
    },
    {
      of: 'images of a Dockerfile',
      read: (text) => namedImages(text),
      frames: [
        ['FROM ', ' AS x\n'],
        ['ARG a=', '\nFROM $a'],
      ],
    },
    {
      of: 'what a Dockerfile adds',
      read: addedHosts,
      frames: [
        ['FROM a\nADD ', ' /x\n'],
        ['ADD ["http://', '/x", "/x"]\n'],
      ],
    },
    { of: "a Dockerfile's runs", read: hostRunRefusal, frames: [['RUN --network=', ' true\n']] },
    {
      of: 'what a build says',
      read: (text) => readProgress(Readable.from([Buffer.from(text)]), () => undefined),
      frames: [['{"stream":"', '"}\n']],
    },
    {
      of: 'why a build failed',
      read: (text) =>
        buildFailure(
          { dir: '/a', dockerfile: 'Dockerfile', text, limits: { memoryBytes: 1, pids: 1 }, peakBytes: null },
          { error: text, lastLines: [text] },
        ),
      frames: [['lookup ', ' on']],
    },
    { of: "a script's first line", read: interpreterOf, frames: [['#!/usr/bin/env ', '\n']] },
    {
      of: 'a test script',
      read: (text) => parseTestScript(text),
      frames: [['pytest ', ' /tests/x.py > /logs/verifier/a']],
    },
    { of: "a test script's targets", read: targetsOutsideTests, frames: [['pytest ', ' x::y\n']] },
  ];
}

function ofSandboxes(): Parser[] {
  return [
    { of: 'installed packages', read: parsePackageReport, frames: [['holder 1 1 /', ' x\n']] },
    { of: 'the users of an image', read: (text) => homeFrom(text, 'root'), frames: [['root:', ':x\n']] },
    {
      of: "a sandbox's hosts",
      read: (text) => redirectedHosts([text], parseTestScript('curl http://a')),
      frames: [['127.0.0.1 ', ' pypi.org']],
    },
    { of: 'a question to a name server', read: (text) => readQuestion(Buffer.from(text, 'latin1')) },
    {
      of: 'what a connection says first',
      read: (text) => saidName(Buffer.from(text, 'latin1')),
      frames: [
        ['GET / HTTP/1.1\r\nHost: ', '\r\n\r\n'],
        ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000', ''],
      ],
    },
    { of: 'an explained registry', read: parseRegistry, frames: [['link /', ' /x\n']] },
    { of: 'ctrf.json', read: parseCtrf, frames: [['{"results":{"summary":', '}}']] },
    { of: 'what listens before the tests', read: readPreamble, frames: [['hosts ', '\n']] },
    {
      of: "a runner's output",
      read: parseRunnerOutput,
      frames: [
        ['=== 1 passed', ' in 1s ==='],
        ['Ran 1 test in 1s\n\n', 'FAILED (failures=1)'],
      ],
    },
    { of: 'why tests did not start', read: recogniseBootstrapFailure, frames: [['bash: ', '']] },
    {
      of: 'a trace of the tests',
      read: readTrace,
      frames: [
        ['+ echo ', ''],
        ['+ echo \'{"a": ', "}'"],
      ],
    },
    { of: 'a number', read: parseDecimal, frames: [['1', 'x']] },
    {
      of: 'a reward',
      read: (text) => readReward({ txt: text, json: text, refused: [] }, 'json'),
      frames: [['{"a":', '1}']],
    },
    { of: 'cgroups of a process', read: parseCgroupFile, frames: [['1:', ':/x\n']] },
    {
      of: 'a counter of the kernel',
      read: (text) => counter(text, 'oom_kill'),
      frames: [['oom_kill ', '\n']],
    },
    {
      of: "the kernel's tables of addresses",
      read: (text) => [localAddresses(text), inet6Addresses(text), routeGateways(text)],
      frames: [['  |-- 1', '.1\n']],
    },
    { of: "a shell's state", read: (text) => parseState(Buffer.from(text), 'token') },
    {
      of: "a supervisor's frames",
      read: (text) => {
        const reader = new ControlReader('nonce', () => undefined);
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
        return reader.noise;
      },
      frames: [
        ['\u0001nonce ', '\n'],
        ['\u0001aa{\n', '\u0001aa}\n'],
      ],
    },
    { of: 'an output of two streams', read: (text) => frameSplitter(() => true)(Buffer.from(text)) },
    {
      of: 'a name in an archive',
      read: (text) => {
        const name = safeName(text);
        return name.kind === 'safe' ? name.parts.map(decodeName) : name;
      },
    },
    {
      of: "the engine's word on a path",
      read: (text) => parsePathStat(Buffer.from(text).toString('base64')),
    },
  ];
}

function ofJobs(): Parser[] {
  const listing = (path: string, ...files: string[]): never => ({ path, files, folders: [] }) as never;
  return [
    { of: 'a command to a job', read: (text) => controlCommandSchema.safeParse(parseJson(text)) },
    { of: 'a trial of the queue', read: (text) => trialMessageSchema.safeParse(parseJson(text)) },
    { of: 'a delivery of the queue', read: (text) => deliverySchema.safeParse(parseJson(text)) },
    { of: 'a worker of the queue', read: (text) => workerSchema.safeParse(parseJson(text)) },
    { of: "a skill's front matter", read: frontMatter, frames: [['---\nname: ', '\n---\n']] },
    { of: 'a journal', read: parseJournal, frames: [['{"kind":"start","', '":1}\n']] },
    { of: 'stored evidence', read: (text) => readStoredEvidence(parseJson(text)) },
    {
      of: 'events.jsonl',
      read: inFile('events.jsonl', (folder) => readLiveJob(folder)),
      frames: [['{"kind":"started","at":"', '"}\n']],
    },
    {
      of: 'a certificate',
      read: inFile('c.json', async (folder) => checkItself(await readCertificate(join(folder, 'c.json')))),
      frames: [['{"trials":[', ']}']],
    },
    { of: 'an address of the viewer', read: fromId, frames: [['~', '~']] },
    { of: 'result.json', read: inFile('result.json', readTrial), frames: [['{"id":"', '"}']] },
    { of: 'baseline.json', read: inFile('b.json', (folder) => readBaseline(join(folder, 'b.json'))) },
    {
      of: 'messages of a trial',
      read: inFile('trajectory.json', readConversation),
      frames: [['{"steps":[', ']}']],
    },
    {
      of: 'a trajectory turn by turn',
      read: inFile('t.json', async (root) => {
        const turns = await openTurns({ root, journal: null, documents: ['t.json'], episodes: [] });
        return await turns?.read(0, 20);
      }),
      frames: [
        ['{"messages":[', ']}'],
        ['[', ']'],
        ['{"steps":[{"source":"agent","message":"', '"}]}'],
      ],
    },
    {
      of: 'a journal turn by turn',
      read: inFile('j.jsonl', async (root) => {
        const turns = await openTurns({ root, journal: 'j.jsonl', documents: [], episodes: [] });
        return await turns?.read(0, 20);
      }),
      frames: [['{"kind":"turn",', '}\n']],
    },
    {
      of: 'an episode of Terminus',
      read: inFile('e/episode-0/response.txt', async (root) => {
        const turns = await openTurns({ root, journal: null, documents: [], episodes: ['e'] });
        return await turns?.read(0, 20);
      }),
      frames: [['{"explanation":"', '","commands":[]}']],
    },
    {
      of: "mini-swe-agent's trajectory",
      read: inFile('a.traj.json', (folder) => readMiniSweAgent(listing(folder, 'a.traj.json'))),
      frames: [['{"info":{},"messages":[', ']}']],
    },
    {
      of: "Terminal-Bench 1's results",
      read: inFile('results.json', (folder) => readTerminalBench1(listing(folder, 'results.json'))),
      frames: [['{"results":[', ']}']],
    },
    {
      of: "a trial's tests on a page",
      read: async (text, folder) => {
        await writeFile(join(folder, 'verifier/ctrf.json'), text);
        return await readTestReport(folder);
      },
      frames: [['{"results":{"tests":[', ']}}']],
    },
    { of: 'JSON', read: parseJson },
    { of: 'a text for the terminal', read: (text) => safeText(text) },
    { of: 'a text with keys', read: createRedactor(['secret-key-value']) },
    { of: 'a text for sharing', read: hideForSharing, frames: [['a@', '.b']] },
  ];
}

/** Every parser of foreign text. */
export const parsers: readonly Parser[] = [...ofModel(), ...ofTasks(), ...ofSandboxes(), ...ofJobs()];
