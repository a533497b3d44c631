import { Lexer, LineCounter, parseDocument, Parser, type ScalarTag } from 'yaml';

/** A text of YAML read, or why it was not: `reason` is a sentence without a place, `at` the place where there is one. */
export type YamlReading =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'problem';
      readonly reason: string;
      readonly at: { readonly line: number; readonly col: number } | null;
    };

/** More than any file of a task or harness has, and what the parser takes a moment for. */
const caps = { characters: 2 ** 18, tokens: 10_000, depth: 64, anchors: 500 };

/** `0440`, which YAML 1.2 reads as 440: what writes file modes, Compose among it, means an octal number. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  identify: () => false,
  default: true,
  format: 'OCT',
  test: /^0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** The reason of a problem and where it is, for an error that has named the file. */
export function yamlProblem({ reason, at }: Extract<YamlReading, { readonly kind: 'problem' }>): string {
  return at === null ? reason : `${reason} at line ${at.line}, column ${at.col}`;
}

/** Reads one YAML document of a stranger, merge keys (`<<`) included. */
export function readBoundedYaml(text: string): YamlReading {
  const refusal = refusalOf(text);
  if (refusal !== null) return { kind: 'problem', reason: refusal, at: null };
  const lineCounter = new LineCounter();
  // Pretty errors quote the whole line in each of them: quadratic for a long line with many.
  const document = parseDocument(text, {
    merge: true,
    customTags: (tags) => [octal, ...tags],
    lineCounter,
    prettyErrors: false,
  });
  const [problem] = document.errors;
  if (problem !== undefined)
    return { kind: 'problem', reason: problem.message, at: lineCounter.linePos(problem.pos[0]) };
  try {
    return { kind: 'value', value: document.toJS() };
  } catch (error) {
    // An alias of no anchor, or one that unfolds into too much.
    return { kind: 'problem', reason: error instanceof Error ? error.message : String(error), at: null };
  }
}

/**
 * Why a text must not be parsed; null where it may. What nests deeper than the stack can end the whole process (V8
 * aborts when it compiles an expression there), keys are compared with each other and aliases with every anchor.
 * Reading the tokens finds out in linear time, without a call for each level.
 */
function refusalOf(text: string): string | null {
  if (text.length > caps.characters)
    return `it has ${text.length} characters, more than the ${caps.characters} that are read`;
  const parser = new Parser();
  let [tokens, anchors] = [0, 0];
  for (const lexeme of new Lexer().lex(text)) {
    if ((tokens += 1) > caps.tokens) return `it has more than ${caps.tokens} tokens`;
    if (/^[&*]./.test(lexeme) && (anchors += 1) > caps.anchors)
      return `it has more than ${caps.anchors} anchors and aliases`;
    for (const _ of parser.next(lexeme)) continue;
    if (parser.stack.length > caps.depth) return `it has more than ${caps.depth} levels`;
  }
  return null;
}
