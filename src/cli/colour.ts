const codes = { green: 32, yellow: 33, red: 31 } as const;

/** Colours text for stdout; plain where that is no terminal or NO_COLOR is set (no-color.org). */
export function colour(name: keyof typeof codes, text: string): string {
  const wanted = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return wanted ? `\u001b[${codes[name]}m${text}\u001b[39m` : text;
}
