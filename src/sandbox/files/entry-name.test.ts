import fc from 'fast-check';
import { isAbsolute, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collisionKey, safeName } from './entry-name.js';

describe('safeName', () => {
  it('never leaves the folder, never holds a control character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '', 'a', 'b c', '\n', '\u001b', '%', '\\', '文')),
        (parts) => {
          const place = safeName(parts.join('/'));
          if (place.kind === 'refused') return;
          const path = normalize(join('/target', ...place.parts));
          expect(path === '/target' || path === '/target/' || path.startsWith('/target/')).toBe(true);
          expect(isAbsolute(place.parts.join('/'))).toBe(false);
          expect(/[\u0000-\u001f]/.test(path)).toBe(false);
        },
      ),
    );
  });

  it.each([
    ['/etc/passwd', 'absolute name'],
    ['a/../../b', 'leaves its folder'],
    ['x'.repeat(300), 'name longer than 255 bytes'],
    ['a/'.repeat(65) + 'b', 'deeper than 64 folders'],
    ['a/'.repeat(600), 'name longer than 1024 bytes'],
  ])('refuses %j', (name, reason) => {
    expect(safeName(name)).toEqual({ kind: 'refused', reason });
  });

  it('encodes what could spoil a terminal or a file system, so that names stay apart', () => {
    expect(safeName('a\nb/%0A')).toEqual({ kind: 'safe', parts: ['a%0Ab', '%250A'] });
    expect(safeName('plain-ü 1.txt')).toEqual({ kind: 'safe', parts: ['plain-ü 1.txt'] });
  });

  it('knows names that some file systems take for one', () => {
    expect(collisionKey(['A', 'e\u0301'])).toBe(collisionKey(['a', '\u00e9']));
    expect(collisionKey(['a'])).not.toBe(collisionKey(['b']));
  });
});
