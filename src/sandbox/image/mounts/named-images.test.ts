import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../test/doubles/cpu-time.js';
import { namedImages } from './named-images.js';
import { UnjudgedDockerfile } from './instructions.js';

describe('namedImages', () => {
  it.each([
    ['FROM debian:12', ['debian:12']],
    ['from --platform=$BUILDPLATFORM debian AS build\nFROM build', ['debian', 'build']],
    ['FR\\\nOM ev\\\n# x\nil', ['evil']],
    ['# escape=`\nFROM `\n evil', ['evil']],
    ['FROM scratch\nCOPY --from=0 /a /b\nCOPY --from=ghcr.io/x/uv:1 /uv /bin/', ['ghcr.io/x/uv:1']],
    ['ARG V=12 W="x"\nFROM debian:${V}\nFROM $W', ['debian:12', 'x']],
    ['ARG V\nFROM debian:${V:-11}', ['debian:11']],
    ['RUN cat <<E\nfrom os import path\nE', []],
    ['\u00ef\u00bb\u00bfFROM x', ['x']],
  ])('of %j are %j', (text, images) => {
    expect([...namedImages(text)]).toEqual(images);
  });

  it.each(['FROM $X', 'ARG X\nFROM debian:$X', 'ARG X=good\nA\\\nRG X=evil\nFROM $X', 'ARG X=$Y\nFROM $X'])(
    'cannot be told of %j',
    (text) => expect(() => namedImages(text)).toThrow(UnjudgedDockerfile),
  );

  it('are found in a time that grows with the text', () => {
    const readAll = (): void => {
      for (const part of ['FROM a\\\n', 'ARG a=\\\n', 'f\\\n', 'FROM ', '--from=', '$', 'ARG A=$A\n'])
        try {
          namedImages(part.repeat(131_072 / part.length));
        } catch (error) {
          expect(error).toBeInstanceOf(UnjudgedDockerfile);
        }
    };
    expect(cpuMs(readAll)).toBeLessThan(10_000);
  });
});
