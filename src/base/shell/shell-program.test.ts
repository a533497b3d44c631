import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readShellProgram } from './shell-program.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tbench-program-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string): string => readShellProgram(name, pathToFileURL(join(folder, 'module.js')).href);

describe('readShellProgram', () => {
  it('gives the text of the file beside the module as it is', async () => {
    const text = "printf '$& $1 \\001'\n";
    await writeFile(join(folder, 'a.sh'), text);
    expect(read('./a.sh')).toBe(text);
  });

  it('puts the files that a program sources in their places, $ and all', async () => {
    await writeFile(join(folder, 'a.sh'), 'first\n. ./b.sh\nlast\n');
    await writeFile(join(folder, 'b.sh'), ". ./c.sh\necho '$&'\n");
    await writeFile(join(folder, 'c.sh'), 'inner\n');
    expect(read('./a.sh')).toBe("first\ninner\necho '$&'\nlast\n");
  });

  it('leaves alone what only looks like it', async () => {
    const text = '  . ./b.sh\n. "$BASH_ENV"\n. /etc/profile\n';
    await writeFile(join(folder, 'a.sh'), text);
    expect(read('./a.sh')).toBe(text);
  });
});
