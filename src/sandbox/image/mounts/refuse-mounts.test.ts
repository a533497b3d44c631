import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../test/doubles/cpu-time.js';
import { mountFlaw } from './mount-flaw.js';
import { maxDockerfileBytes } from './instructions.js';
import { mountRefusal } from './refuse-mounts.js';

const mount = '--mount=type=bind,from=evil,source=/e,target=/h';

describe('mountRefusal', () => {
  it.each([
    ['in one line', `FROM x\nRUN ${mount} ls`],
    ['in small letters, indented', `FROM x\n\t run ${mount} ls`],
    ['after another flag', `RUN --network=none ${mount} ls`],
    ['over two lines', `RUN \\\n  ${mount} ls`],
    ['within its own name', 'RUN --mou\\\nnt=type=bind,fr\\\nom=evil,target=/h ls'],
    ['within the word RUN', `R\\\nU\\ \t\nN ${mount} ls`],
    ['with Windows line ends', `FROM x\r\nRUN \\\r\n${mount} ls\r\n`],
    ['with comments and empty lines between', `RUN \\\n# a\n\n   # b \\\n${mount} ls`],
    ['under another escape character', `# escape=\`\nRUN \`\n${mount} ls`],
    ['in what looks like a here-document', `COPY <<EOF /a\nRUN ${mount} ls\nEOF`],
    ['after a here-document whose end looks continued', `RUN <<E\\\na\nE\\\nRUN ${mount} ls`],
    ['in front of a here-document', `RUN ${mount} <<EOF\nls\nEOF`],
    ['under ONBUILD', `ONBUILD RUN ${mount} ls`],
    ['under ONBUILD in two lines', `ONBUILD \\\n RUN ${mount} ls`],
    ['under a syntax directive', `# syntax=docker/dockerfile:1\nRUN ${mount} ls`],
    ['after a byte order mark', `\u00ef\u00bb\u00bfRUN ${mount} ls`],
    ['in the form of a list', `RUN ${mount} ["ls"]`],
    ['in a variable', 'ARG F=mount=type=bind,from=evil,target=/h\nRUN --$F ls'],
    ['with a part in a variable', 'RUN --mount=type=bind,${A}=evil,target=/h ls'],
    ['in quotes', 'RUN --mount="type=bind,from=evil,target=/h" ls'],
    ['with quotes in its name', 'RUN --m"oun"t=from=evil,target=/h ls'],
    ['behind a byte that some engines split at', `RUN --network=\u00a0${mount} ls`],
    ['behind a character of several bytes', `RUN \u00c3\u00a0 ${mount} ls`],
    ['of no type', 'RUN --mount=from=evil,target=/h ls'],
    ['of a cache', 'RUN --mount=type=cache,from=evil,target=/h ls'],
    ['of a cache whose id leaves its folder', 'RUN --mount=type=cache,id=../../etc,target=/h ls'],
    ['of a cache from a folder in it', 'RUN --mount=type=cache,source=/e,target=/h ls'],
    ['with an unusual key', 'RUN --mount=type=bind,FROM=evil,target=/h ls'],
    ['of a context that is written to', 'RUN --mount=type=bind,source=a,target=/h,rw ls'],
    ['of a context that is written to, said otherwise', 'RUN --mount=type=bind,target=/h,ro=false ls'],
    ['whose spreading goes to mount(8)', 'RUN --mount=type=bind,bind-propagation=shared,target=/h ls'],
    ['of a type that is a name of every object', 'RUN --mount=type=constructor,target=/h ls'],
  ])('refuses a mount %s', (_, text) => {
    expect(mountRefusal(text, false)).not.toBeNull();
  });

  it.each([
    ['none', 'FROM x\nRUN apt-get update && apt-get install -y --no-install-recommends "$PKG"'],
    ['of a cache', 'RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked pip install x'],
    ['of the context', 'RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt'],
    ['of memory', 'RUN --mount=type=tmpfs,target=/tmp make'],
    ['in a comment', `# RUN ${mount} ls\nFROM x`],
    ['in a command', `RUN docker run ${mount} x`],
    ['in a label', `LABEL a="RUN ${mount}"`],
  ])('takes a Dockerfile with a mount %s', (_, text) => {
    expect(mountRefusal(text, false)).toBeNull();
  });

  it('refuses to mount a context that holds links', () => {
    expect(mountRefusal('RUN --mount=type=bind,source=a,target=/h ls', true)).toMatch(/link/);
    expect(mountRefusal('RUN --mount=type=cache,target=/h ls', true)).toBeNull();
  });

  it('refuses on an engine that mended all but its caches only what may be one', () => {
    expect(mountRefusal(`RUN ${mount} ls`, true, 'caches')).toBeNull();
    expect(mountRefusal('RUN --mount=type=cache,target=/c ls', true, 'caches')).toBeNull();
    expect(mountRefusal('RUN --mount=type=cache,id=../../etc,target=/h ls', false, 'caches')).toMatch(/id/);
    expect(mountRefusal('RUN --mount=type=cache,source=/etc,target=/h ls', false, 'caches')).not.toBeNull();
    expect(mountRefusal('RUN --$F ls', false, 'caches')).not.toBeNull();
    expect(
      mountRefusal('RUN --mount=type=bind,bind-propagation=x,target=/h ls', false, 'caches'),
    ).not.toBeNull();
  });

  it.each([
    ['unfinished flags', 'RUN --a\\\n'],
    ['empty continuations', 'R\\\n\n\n'],
    ['RUN in every line', 'RUN \\\n'],
    ['ONBUILD in every line', 'ONBUILD \\\n'],
    ['comments', 'RUN \\\n# x\n'],
    ['blanks', '          '],
  ])('ends within a second or two of CPU time for the largest Dockerfile of %s', (_, part) => {
    const text = part.repeat(maxDockerfileBytes / part.length);
    expect(cpuMs(() => mountRefusal(text, false))).toBeLessThan(2_000);
  });
});

describe('mountFlaw', () => {
  it.each([
    ['4.3.1', 'mounts'],
    ['4.9.3', 'mounts'],
    ['4.9.4', 'caches'],
    ['4.9.4-rhel', 'caches'],
    ['5.0.0', 'mounts'],
    ['5.0.1', 'caches'],
    ['5.2.4', 'caches'],
    ['5.2.5', null],
    ['5.4.2', null],
    ['3.4.4', 'mounts'],
    ['unknown', 'mounts'],
  ])('of podman %s is %s', (version, flaw) => {
    expect(mountFlaw({ name: 'podman', version })).toBe(flaw);
  });

  it("is podman's alone", () => {
    expect(mountFlaw({ name: 'docker', version: '24.0.0' })).toBeNull();
  });
});
