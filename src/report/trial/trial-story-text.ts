import type { Verdict } from '../../record/verdict.js';
import type { StoredEvidence } from '../../record/evidence/evidence.js';
import type { OwnVerdict, StoryStep, TrialStory } from '../../review/story/trial-story.js';
import { duration } from '../text/format.js';
import { printable } from '../text/text.js';
import { makingRows } from './making-rows.js';

/** What each verdict says. */
export const verdictMeaning: Readonly<Record<Verdict, string>> = {
  clean: 'all evidence that applies agrees, nothing was found',
  noted: 'all evidence agrees; what was found is normal work',
  suspicious: 'something honest work has no cause for; the score stands, a person should look',
  tampered: 'one piece of evidence denies another; scored 0, the raw reward is kept',
  unverifiable: 'the tests did not run to their end; scored 0 and counted apart',
};

/** One thing that a story tells: what it is about, empty where it goes on from the one before, and the text. */
export type StoryRow = readonly [about: string, text: string];

const column = 11;

/** Tells the story of one verdict to a person: what was run, what it said, why the verdict. */
export function renderStory(story: TrialStory): string {
  const lines = [
    `${printable(story.name)} (task ${printable(story.task)})`,
    ...storyRows(story).map(([about, text]) => `  ${about.padEnd(column - 1)} ${text}`),
    ...(story.outputTail.length === 0 ? [] : ['', '  the end of the test output:']),
    ...story.outputTail.map((line) => `    ${printable(line)}`),
    '',
    `  files: ${story.dir}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The story row by row, its texts safe for one line of a terminal. */
export function storyRows(story: TrialStory): StoryRow[] {
  return [
    [
      'agent',
      `ended: ${story.ending ?? 'not recorded'}${story.errorType === null ? '' : `, ${story.errorType}`}`,
    ],
    ...causeRows(story.errorMessage),
    ...(story.serverShare === null || story.serverShare < 0.005
      ? []
      : [more(`for ${Math.round(story.serverShare * 100)} % of its time the model server kept it waiting`)]),
    ...sourceRows(story),
    ...story.steps.flatMap(stepRows),
    ...refusedRows(story),
    ...makingRows(story),
  ];
}

function more(text: string): StoryRow {
  return ['', text];
}

/** Most lines of a cause: its first says what failed, its last ones are those of the command that did. */
const causeLines = { first: 1, last: 19 };

function causeRows(message: string | null): StoryRow[] {
  const lines = (message ?? '').split('\n').filter((line) => line.trim() !== '');
  const { first, last } = causeLines;
  const shown = lines.length <= first + last ? lines : [...lines.slice(0, first), '…', ...lines.slice(-last)];
  return shown.map((line) => more(printable(line)));
}

function stepRows({ name, rewards, verdict, errorType, errorMessage }: StoryStep): StoryRow[] {
  const given = Object.entries(rewards ?? {}).map(([key, value]) => `${printable(key)} ${value}`);
  const judged = verdict === null ? '' : `, ${verdict}`;
  const first = printable((errorMessage ?? '').split('\n')[0] ?? '');
  return [
    ['step', `${printable(name)}: ${given.length === 0 ? 'no reward' : given.join(', ')}${judged}`],
    ...(errorType === null ? [] : [more(`${printable(errorType)}: ${first}`)]),
  ];
}

const refusedShown = 8;

/** What the network policy kept from it, those most often tried first. */
function refusedRows({ refused }: TrialStory): StoryRow[] {
  const shown = [...refused].sort((a, b) => b.count - a.count).slice(0, refusedShown);
  const rest = refused.length - shown.length;
  return [
    ...shown.map(({ phase, service, host, port, protocol, count }, index): StoryRow => {
      const times = count === 1 ? '' : `, ${count} times`;
      const who = service === 'main' ? '' : ` by ${printable(service)}`;
      const where = `${printable(host)} port ${port}${protocol === 'tcp' ? '' : ` (${printable(protocol)})`}`;
      return [index === 0 ? 'network' : '', `refused to ${printable(phase)}${who}: ${where}${times}`];
    }),
    ...(rest > 0 ? [more(`and ${rest} more hosts (network.json)`)] : []),
  ];
}

function sourceRows({ source, reward }: TrialStory): StoryRow[] {
  if (source.kind === 'unverified') return [['verdict', 'none: the tests were not run for this trial']];
  if (source.kind === 'foreign') {
    const { status, verdict, reason } = source.audit;
    return [
      ['reward', `${reward ?? 'none'}, recorded by another harness; what its files tell:`],
      [
        'verdict',
        `${verdict ?? 'none possible'}${status === null ? '' : ` (tests ${status.replace('_', ' ')})`}: ${printable(reason)}`,
      ],
    ];
  }
  return [...(isTold(source.evidence) ? evidenceLines(source.evidence) : []), ...verdictLines(source)];
}

/** A task of several steps has its evidence in them. */
function isTold(evidence: StoredEvidence): boolean {
  return Object.values(evidence).some((part) => part !== null);
}

function evidenceLines(evidence: StoredEvidence): StoryRow[] {
  return [...runLines(evidence), ...saidLines(evidence), ...sceneLines(evidence)];
}

function runLines({ tests, tests_ms, tries, exit_code, timed_out }: StoredEvidence): StoryRow[] {
  const times = (tries ?? 1) === 1 ? '' : `, try ${tries ?? 1}`;
  const end =
    timed_out === true
      ? 'ran out of time'
      : exit_code === null
        ? 'could not be started'
        : `exit ${exit_code}`;
  const upload =
    tests === null
      ? ''
      : `${tests.files} test files (${tests.verified ? 'read back equal' : 'NOT as sent'}), `;
  return [['ran', `${upload}the test script ${end} after ${duration(tests_ms ?? 0)}${times}`]];
}

function saidLines({
  reward,
  trace,
  report,
  runner,
  bootstrap,
  tests,
  negative_control,
  isolated,
}: StoredEvidence): StoryRow[] {
  const counts = report?.counts;
  return [
    [
      'said',
      `reward file: ${reward?.value === null || reward?.value === undefined ? 'none usable' : `${reward.value} (${reward.file ?? ''})`}`,
    ],
    row(
      'trace',
      trace?.applicable,
      trace === null ? null : `wrote ${trace.reward ?? 'no reward'} (${trace.commands} commands seen)`,
    ),
    row(
      'report',
      report?.applicable,
      counts === null || counts === undefined
        ? null
        : `${counts.passed} of ${counts.tests} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    ),
    row(
      'runner',
      runner?.applicable,
      runner?.summary == null
        ? null
        : `${runner.summary}${runner.rootdir === null ? '' : `, rootdir ${runner.rootdir}`}`,
    ),
    ...(bootstrap == null
      ? []
      : [more(`start-up trouble: ${bootstrap.cause}: ${printable(bootstrap.line)}`)]),
    ...(tests == null || tests.changed.length === 0
      ? []
      : [more(`changed while they ran: ${printable(tests.changed.join(', '))}`)]),
    ...(negative_control == null
      ? []
      : [more(`negative control: ${negative_control.outcome} (${printable(negative_control.reason)})`)]),
    ...(isolated == null
      ? []
      : [more(`second opinion: ${isolated.outcome} (${printable(isolated.reason)})`)]),
  ];
}

function row(name: string, applicable: boolean | undefined, said: string | null): StoryRow {
  return more(
    `${name}: ${applicable === false ? `not expected of this task${said === null ? '' : `; ${printable(said)}`}` : printable(said ?? 'nothing')}`,
  );
}

function sceneLines({ scene }: StoredEvidence): StoryRow[] {
  if (scene == null) return [];
  const packages = scene.package_manager;
  return [
    ['scene', `${scene.changed_paths} paths changed by the agent, ${scene.processes.length} processes`],
    ...(scene.sockets.length === 0 ? [] : [more(`listening: ${printable(scene.sockets.join(', '))}`)]),
    ...(scene.killed.length === 0
      ? []
      : [more(`killed at the end: ${printable(scene.killed.slice(0, 5).join(', '))}`)]),
    ...(packages === null || packages.waited_ms === 0
      ? []
      : [more(`waited ${duration(packages.waited_ms)} for the package manager`)]),
  ];
}

function verdictLines({ verdict, status, rawReward, effectiveReward, findings }: OwnVerdict): StoryRow[] {
  return [
    ...findings.map(({ severity, code, path, detail }): StoryRow => [
      severity,
      `${code}${path === undefined ? '' : ` ${printable(path)}`}: ${printable(detail)}`,
    ]),
    ['verdict', `${verdict} (${status.replace('_', ' ')}): ${verdictMeaning[verdict]}`],
    [
      'score',
      `${effectiveReward}${rawReward === effectiveReward ? '' : ` (the reward file: ${rawReward ?? 'none'})`}`,
    ],
  ];
}
