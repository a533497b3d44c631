import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A line of its own that names the file whose text belongs there: `. ./trees.sh`. */
const inclusion = /^\. (\.\/[\w-]+\.sh)$/gm;

/**
 * The text of a shell program that lies beside a module, such as `readShellProgram('./probe.sh', import.meta.url)`. Lines
 * of the form `. ./part.sh` are replaced by that file, so that a program of several files becomes one text that can be
 * sent into a container, while an editor, shellcheck and `sh` on the host follow the same lines. Nothing else is replaced:
 * what a program needs to know it gets as arguments or in its environment. Read it once, at the top of the module.
 */
export function readShellProgram(name: string, moduleUrl: string): string {
  const url = new URL(name, moduleUrl);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  return text.replace(inclusion, (_line, part: string) => readShellProgram(part, url.href).trimEnd());
}
