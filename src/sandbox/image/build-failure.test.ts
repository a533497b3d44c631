import { describe, expect, it } from 'vitest';
import type { BuildLimits } from './build-limits.js';
import { buildFailure, lateBuild } from './build-failure.js';
import { imageFailures } from './image-failures.js';
import { ImageError, TaskError } from '../../base/errors.js';

const context = { dir: '/t/environment', dockerfile: 'Dockerfile', text: 'FROM x\nRUN make\n' };
const limits: BuildLimits = { memoryBytes: 2 ** 30, pids: 4096 };
const fail = (error: string, lastLines: string[] = [], text = context.text, own = limits): Error =>
  buildFailure({ ...context, text, limits: own, peakBytes: null }, { error, lastLines });

describe('lateBuild', () => {
  it('blames the task for time that ran out, and not where its last lines tell of a network that did not answer', () => {
    expect(lateBuild('/t', 5_000, ['compiling a.c'])).toBeInstanceOf(TaskError);
    const late = lateBuild('/t', 5_000, ['Get:1 a', 'W: Connection timed out']);
    expect(late).toBeInstanceOf(ImageError);
    expect(late.message).toMatch(/took longer than 5 s[^]*Connection timed out/);
  });
});

describe('buildFailure', () => {
  it.each([
    ['building at STEP "RUN make": while running runtime: exit status 2', ['make: *** No targets.']],
    ["The command '/bin/sh -c make' returned a non-zero code: 2", []],
    ['Build error: Unknown instruction: "ECHO"', []],
    ['building at STEP "COPY a b": checking on sources under "/c": copier: stat: no such file', []],
  ])('blames the task for %s', (error, lines) => {
    expect(fail(error, lines)).toBeInstanceOf(TaskError);
  });

  it.each([
    ['exit status 100', ['Temporary failure resolving deb.debian.org'], false],
    ['exit status 1', ['curl: (6) Could not resolve host: pypi.org'], false],
    ['exit status 1', ['tar: No space left on device'], false],
    ['OCI runtime error: setrlimit RLIMIT_NOFILE', [], false],
    [
      'creating build container: initializing source docker://x: pinging registry: dial tcp: refused',
      [],
      false,
    ],
    ['initializing source docker://x/y:1: reading manifest 1: manifest unknown', [], true],
  ])('blames infrastructure for %s %j; pointless to repeat: %s', (error, lines, isFinal) => {
    const failure = fail(error, lines);
    expect(failure).toBeInstanceOf(ImageError);
    expect(failure).toMatchObject({ isFinal });
  });

  it.each([
    ['while running runtime: exit status 137', [], 'of memory'],
    ['exit status 2', ['g++: fatal error: Killed signal terminated program cc1plus'], 'of memory'],
    ['exit status 2', ['Killed'], 'of memory'],
    ['exit status 2', ['sh: 1: Cannot fork'], '4096 processes'],
  ])('names the limit that a build ran into: %s %j', (error, lines, limit) => {
    const failure = fail(error, lines);
    expect(failure).toBeInstanceOf(TaskError);
    expect(failure.message).toContain(`ran into the limit of builds, `);
    expect(failure.message).toContain(limit);
  });

  it.each([
    ['exit status 2', ['Get:137 http://deb'], TaskError],
    ['while running runtime: signal: killed', [], ImageError],
    ['exit status 1', ['[137/200]', 'Temporary failure resolving x'], ImageError],
    ['exit status 1', ['a job was killed by its owner'], TaskError],
  ])('takes no ordinary output for a limit: %s %j', (error, lines, kind) => {
    const failure = fail(error, lines);
    expect(failure).toBeInstanceOf(kind);
    expect(failure.message).not.toContain('limit of builds');
  });

  it.each([
    [2 ** 27, ImageError],
    [2 ** 30 - 4096, TaskError],
    [null, TaskError],
  ])(
    'blames the task for a build that was killed at the limit, the host for one at a peak of %s',
    (peakBytes, kind) => {
      const outcome = { error: 'while running runtime: exit status 137', lastLines: [] };
      expect(buildFailure({ ...context, limits, peakBytes }, outcome)).toBeInstanceOf(kind);
    },
  );

  it.each([
    'checking if cached image exists from a previous build: getting top layer info: layer not known',
    'creating build container: copying image: layer not known',
  ])('blames the engine for %s', (error) => {
    expect(fail(error, ['STEP 2/3: RUN exit 1'])).toBeInstanceOf(ImageError);
  });

  it('blames infrastructure for a killed build where builds have no limit of memory', () => {
    expect(fail('exit status 137', [], context.text, { ...limits, memoryBytes: null })).toBeInstanceOf(
      ImageError,
    );
  });

  it('has the last lines of the command in its message', () => {
    expect(fail('exit status 2', ['STEP 2: RUN make', 'make: *** No rule.']).message).toMatch(
      /make: \*\*\* No rule\./,
    );
  });

  it('names here-documents where an old engine trips over them', () => {
    const unknown = 'Unknown instruction: "ECHO"';
    expect(fail(unknown, [], 'FROM x\nRUN <<EOF\necho hi\nEOF\n')).toMatchObject({
      hint: expect.stringMatching(/here-doc/) as string,
    });
    expect(fail(unknown, [], 'FROM x\nCOPY <<-"END" /f\na\nEND\n')).toMatchObject({
      hint: expect.stringMatching(/here-doc/) as string,
    });
    expect(fail(unknown, [], 'FROM x\nECHO hi <<< x\n')).toMatchObject({
      hint: expect.stringMatching(/Dockerfile fails/) as string,
    });
  });
});

describe('imageFailures', () => {
  it('lets nobody ask again for an image whose Dockerfile fails, and tells the same error', () => {
    const failures = imageFailures();
    const error = new TaskError('it fails');
    failures.note('a', error);
    expect(() => failures.refuse('a')).toThrow(error);
    expect(() => failures.refuse('b')).not.toThrow();
  });

  it('gives a network three chances for each image, whichever trials take them', () => {
    const failures = imageFailures();
    for (let times = 1; times <= 3; times += 1) {
      expect(() => failures.refuse('a')).not.toThrow();
      failures.note('a', new ImageError('no route'));
    }
    expect(() => failures.refuse('a')).toThrow(/3 times and is not asked for again: no route/);
  });

  it('remembers no failure of another kind, such as a cancelled wait', () => {
    const failures = imageFailures();
    for (let times = 0; times < 5; times += 1) failures.note('a', new Error('cancelled'));
    expect(() => failures.refuse('a')).not.toThrow();
  });
});
