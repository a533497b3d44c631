/** The text of a parameter, and where to read on behind it. */
export interface XmlValue {
  readonly text: string;
  readonly next: number;
}

const innerTag = /<parameter(?:=|\s+name=)|<\/parameter>/g;
/** What comes behind the end of a value: the next parameter, the end of the call, another call, or nothing. */
const follower =
  /\s*(?:<parameter[=\s]|<\/function>|<\/tool_call>|<tool_call>|<function[=\s]|<\/?[a-z_]*$|$)/y;
const anyTag = /<parameter[=\s]|<\/?function[=\s>]|<\/?tool_call>/;
const longestTag = 20;

/**
 * Reads the value that starts at `start`: up to the first `</parameter>` that closes no parameter begun inside the
 * value and that something follows which may follow a value. One line break is taken off each end. Without such an
 * end the value is the rest of the text, and null when that holds tags: they may be the command's or the model's.
 */
export function readValue(text: string, start: number): XmlValue | null {
  let depth = 0;
  innerTag.lastIndex = start;
  for (let tag = innerTag.exec(text); tag !== null; tag = innerTag.exec(text)) {
    if (tag[0] !== '</parameter>') depth += 1;
    else if (depth > 0) depth -= 1;
    else if (isFollowedWell(text, innerTag.lastIndex)) {
      return { text: withoutOuterBreaks(text.slice(start, tag.index)), next: innerTag.lastIndex };
    }
  }
  return readUnclosed(text, start);
}

function isFollowedWell(text: string, at: number): boolean {
  follower.lastIndex = at;
  return follower.test(text);
}

/** A value that is the last thing of the text: its call was closed without it, or the text was cut. */
function readUnclosed(text: string, start: number): XmlValue | null {
  const rest = text.slice(start);
  const inside = withoutClosingTags(rest);
  const value = inside === rest ? withoutPartialTag(rest) : inside;
  return anyTag.test(value) ? null : { text: withoutOuterBreaks(value), next: text.length };
}

function withoutClosingTags(text: string): string {
  let end = text.trimEnd().length;
  for (const tag of ['</tool_call>', '</function>']) {
    if (text.startsWith(tag, end - tag.length)) end = text.slice(0, end - tag.length).trimEnd().length;
  }
  return end === text.trimEnd().length ? text : text.slice(0, end);
}

/** A text cut in the middle of a closing tag ends before it. */
function withoutPartialTag(text: string): string {
  const partial = /\r?\n<(?:\/[a-z_]*)?$/.exec(text.slice(-longestTag));
  return partial === null ? text : text.slice(0, text.length - partial[0].length);
}

function withoutOuterBreaks(text: string): string {
  return text.slice(text.startsWith('\n') ? 1 : 0, text.length > 1 && text.endsWith('\n') ? -1 : undefined);
}
