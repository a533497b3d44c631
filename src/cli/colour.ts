const codes = { green: [32, 39], yellow: [33, 39], red: [31, 39], dim: [2, 22] } as const;

/** Colours text for a stream; plain where that is no terminal or NO_COLOR is set (no-color.org). */
export function colourOn(
  stream: Pick<NodeJS.WriteStream, 'isTTY'>,
): (name: keyof typeof codes, text: string) => string {
  const wanted = stream.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return (name, text) => (wanted ? `\u001b[${codes[name][0]}m${text}\u001b[${codes[name][1]}m` : text);
}
