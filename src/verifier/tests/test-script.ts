import { interpreterOf, type Interpreter } from './script/interpreter.js';

/**
 * What can be said of a task's test script without running it: which evidence its runs can leave, and which
 * tools it leans on. A shell cannot be parsed exactly with regular expressions: where the text is unclear,
 * evidence counts as not applicable, never as missing.
 */
export interface TestScript {
  readonly interpreter: Interpreter;
  /** Every write to a reward file is a traced `echo` or `printf`. */
  readonly tracesReward: boolean;
  /** Base name of the CTRF report below /logs/verifier that the script asks for. */
  readonly report: string | null;
  /** pytest prints its summary to the script's output. */
  readonly printsSummary: boolean;
  /** pytest prints `rootdir:`, and it should lie below /tests. */
  readonly printsRootdir: boolean;
  /** First words of its commands (base names), sorted. */
  readonly tools: readonly string[];
  /** Hosts it fetches from. */
  readonly hosts: readonly string[];
  /** Test files it names, relative to /tests. */
  readonly targets: readonly string[];
  /** Those of them that pytest is given whole (`*`: the folder): a test appended to one is run. */
  readonly collected: readonly string[];
  /** Test files it runs from outside /tests, which an agent could have written. */
  readonly outsideTargets: readonly string[];
  /** Base names of files that the script itself edits below /tests. */
  readonly edits: readonly string[];
}

/** A file uploaded beside the script. */
export interface HelperFile {
  readonly path: string;
  readonly text: string;
}

/** Characters of a script that is read at all: patterns over a longer text of a stranger could take minutes. */
const longestScript = 32 * 1024;

/** What is said of a script that is not read: no evidence applies. */
const unread: Omit<TestScript, 'interpreter'> = {
  tracesReward: false,
  report: null,
  printsSummary: false,
  printsRootdir: false,
  tools: [],
  hosts: [],
  targets: [],
  collected: [],
  outsideTargets: [],
  edits: [],
};

/** Reads a test script's text, and for the report those of the files beside it that the script names. */
export function parseTestScript(text: string, beside: readonly HelperFile[] = []): TestScript {
  const interpreter = interpreterOf(text);
  if (text.length > longestScript) return { ...unread, interpreter };
  const code = withoutComments(text);
  const helpers = beside.filter(({ path }) => code.includes(path.split('/').at(-1) ?? path));
  const pytest = pytestCommands(code);
  const settings = beside.filter(({ path }) =>
    /^(?:\.?pytest\.ini|pyproject\.toml|tox\.ini|setup\.cfg)$/.test(path),
  );
  const hidden =
    /PYTEST_ADDOPTS/.test(code) ||
    pytest.some(isHidden) ||
    settings.some(({ text: own }) => own.includes('addopts'));
  const quiet = pytest.some((line) =>
    /\s(?:-\w*q\w*|--quiet|--no-summary)(?:\s|$)|-p[ =]?no:terminal/.test(line),
  );
  const pinned =
    settings.length > 0 || pytest.some((line) => /--rootdir|\s-c\s|--config-file|--no-header/.test(line));
  const shown = pytest.length > 0 && !hidden && !quiet;
  return {
    interpreter,
    // Only bash tells what it runs.
    tracesReward:
      interpreter.kind === 'bash' &&
      tracesReward(code) &&
      !beside.some(({ text: other }) => rewardFile.test(other) || endsTrace.test(other)),
    report: reportOf(code, helpers),
    printsSummary: shown,
    printsRootdir: shown && !pinned && pytest.every((line) => belowTests.test(line)),
    tools: toolsOf(code),
    hosts: unique([...code.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1])),
    targets: testFiles(code),
    collected: unique(
      pytest.filter(runsWhole).flatMap((line) => (wholeFolder.test(line) ? ['*'] : testFiles(line))),
    ),
    outsideTargets: unique(
      pytest.flatMap((line) =>
        [...line.matchAll(/(?:^|[\s"'])(\/(?!tests\/)[\w./-]*test_?\w*\.py)/g)].map((match) => match[1]),
      ),
    ),
    edits: unique(
      [...code.matchAll(/^.*(?:sed -i|patch |\bmv |\bcp |>{1,2}\s*["']?\/tests\/).*$/gm)].flatMap((line) =>
        [...line[0].matchAll(/([\w.-]+\.\w+)/g)].map((match) => match[1]),
      ),
    ),
  };
}

function withoutComments(text: string): string {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '$1'))
    .join('\n');
}

const belowTests = /(?:^|[\s"'])(?:\/tests|\$\{?TEST_DIR\}?)(?:[/\s"']|$)/;

function reportOf(code: string, helpers: readonly HelperFile[]): string | null {
  const variables = new Map(
    [...code.matchAll(/\b(\w+)=["']?\/logs\/verifier\/([\w.-]+\.json)/g)].map((match) => [
      match[1],
      match[2],
    ]),
  );
  const [, inFolder, variable] =
    /--ctrf[ =]+["']?(?:(?:\/logs\/verifier|\$\{?\w+\}?)\/([\w.-]+)|\$\{?(\w+))/.exec(code) ?? [];
  const asked = inFolder ?? variables.get(variable);
  const written = helpers.map(({ text }) => /\/logs\/verifier\/([\w.-]*ctrf[\w.-]*\.json)/.exec(text)?.[1]);
  return asked ?? written.find((name) => name !== undefined) ?? null;
}

function testFiles(code: string): string[] {
  return unique([...code.matchAll(/(?:\/tests|\$\{?TEST_DIR\}?)\/([\w./-]+\.py)/g)].map((match) => match[1]));
}

/** Its output goes to a file or a variable instead of the script's own output. */
function isHidden(line: string): boolean {
  const shown = line.replace(/\|\s*tee\b.*$/, '');
  return /(?:^|\s)[12&]?>{1,2}\s*(?!&)\S+/.test(shown) || /(?:\$\(|`|<\().*pytest/.test(shown);
}

const wholeFolder = /\s["']?\/tests\/?["']?(?:\s|$)/;

function runsWhole(line: string): boolean {
  return !/::|\s-[km]\s|--deselect|--ignore/.test(line.replace(/\s-m\s+pytest\b/, ' pytest'));
}

function pytestCommands(code: string): string[] {
  return code
    .split('\n')
    .filter(
      (line) =>
        /(?:^|[\s"'/])pytest(?:\s|$)/.test(line) &&
        !/\b(?:pip3?|uv|apt-get|apt) (?:add|install)\b/.test(line),
    );
}

const rewardFile = /reward\.(?:txt|json)/;

/**
 * Redirections are not traced, so the last lone number that the script echoes must be its reward: every write is a plain
 * `echo` or `printf %s` of this very shell, nothing else echoes a lone number, and the trace stays on.
 */
function tracesReward(code: string): boolean {
  if (code.includes('reward.txt') && code.includes('reward.json')) return false;
  if (endsTrace.test(code)) return false;
  const names = [...code.matchAll(/\b(\w+)=["']?[^\s"']*reward\.(?:txt|json)/g)].map(
    (match) => match[1] ?? '',
  );
  const variables = new Set(names);
  const named = (line: string): boolean =>
    rewardFile.test(line) ||
    [...line.matchAll(/\$\{?(\w+)/g)].some(
      ([, variable]) => variable !== undefined && variables.has(variable),
    );
  const isAssignment = (line: string): boolean =>
    /^\s*(?:export |local |readonly )?\w+=["']?\S*reward\./.test(line);
  const mentions = (text: string): string[] =>
    text.split('\n').filter((line) => named(line) && !isAssignment(line));
  if (mentions(code).length !== mentions(withoutHeredocs(code)).length) return false;
  const writes = mentions(code).filter((line) => line.includes('>') || !readsOnly.test(line));
  const others = code.split('\n').filter((line) => !named(line));
  return (
    writes.length > 0 &&
    writes.every((line) => plainWrite.test(line) && !otherShell.test(line)) &&
    (!code.includes('reward.json') || writes.every((line) => oneKey.test(line))) &&
    !others.some((line) => loneNumber.test(line))
  );
}

const readsOnly = /\b(?:cat|test|rm|ls|chmod)\b|\[\[? -[a-z] /;
/** The trace is switched off, written otherwise, or its descriptor (10 and up are bash's own) taken. */
const endsTrace =
  /\bset\b[^\n;|&]*\s\+(?:\w*x|o xtrace)|BASH_XTRACEFD|\bPS4=|\bexec (?:\d\d+[<>]|(?:\/\S*\/)?(?:bash|sh|env)\b)/;
const plainWrite =
  /(?:^|[;&|({)]|\b(?:then|else|do)\b|\btrap ["'])\s*(?:(?:builtin|command) )?(?:\S*\/)?(?:echo|printf ["']?%s(?:\\n)?["']?)(?: -n)? [^|;&]*>{1,2}\s*\S/;
/** JSON of one key, all of it on the line: what the trace shows of other JSON is not sure to be read back. */
const oneKey = /(?:echo|printf)[^{]*\{\s*\\?"\w+\\?"\s*:\s*[^,{}\\]+\}["']?\s*>/;
const otherShell = /\b(?:bash|sh|su|sudo|ssh|runuser|timeout)\b.*\b(?:echo|printf)\b/;
const loneNumber =
  /\b(?:echo|printf)(?: -\w+| ["']?%[^"' ]*["']?)* ["']?(?:(?:\$[\w?#@*!{][^"' ]*|[\d.]+)["']?\s*(?:$|[;|&>'")}])|\$\(|`)/;

/** The text without the bodies of its here-documents, which this shell does not run. */
function withoutHeredocs(code: string): string {
  return code.replace(/<<-?\s*(["']?)(\w+)\1([^\n]*)\n[\s\S]*?\n\s*\2(?=\n|$)/g, '$3');
}

const keywords = new Set(
  'if then else elif fi for while until do done case esac in function select time ! { } [[ ]] ( ) exec command builtin env sudo nohup timeout xargs'.split(
    ' ',
  ),
);
const builtins = new Set(
  'echo printf cd set export source . [ test exit return local readonly trap true false read shift unset eval wait kill : pwd declare'.split(
    ' ',
  ),
);

function toolsOf(code: string): string[] {
  const commands = code.split(/\n|;|&&|\|\||\||\$\(|`|\(/);
  const found = commands.flatMap((command) => {
    const words = command.trim().split(/\s+/);
    const rest = words.slice(
      words.findIndex((word) => !keywords.has(word) && !/^\w+=|^-|^\d+s?$/.test(word)),
    );
    const tool = rest[0]?.replace(/["']/g, '').split('/').at(-1) ?? '';
    const runner = /^(?:python3?|uvx|uv)$/.test(tool) ? rest.filter((word) => word === 'pytest') : [];
    return [tool, ...runner];
  });
  const chain =
    found.includes('uvx') || found.includes('pip') || found.includes('pytest') ? ['python3', 'python'] : [];
  return unique(
    [...found, ...chain, 'bash', 'sh'].filter(
      (tool) => /^[a-z][\w.+-]*$/i.test(tool) && !keywords.has(tool) && !builtins.has(tool),
    ),
  );
}

function unique(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
