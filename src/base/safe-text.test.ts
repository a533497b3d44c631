import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeJson, safeText } from './safe-text.js';

test.each([
  ['a colour', '\u001b[31mred\u001b[0m', '?[31mred?[0m'],
  ['a window title (OSC)', '\u001b]0;owned\u0007', '?]0;owned?'],
  ['the same with C1 characters', '\u009d0;owned\u009c', '?0;owned?'],
  ['a direction override', '\u202egpj.exe\u202c', '?gpj.exe?'],
  ['direction isolates', 'a\u2066b\u2067c\u2068d\u2069', 'a?b?c?d?'],
  ['direction marks', 'a\u200eb\u200fc\u061cd', 'a?b?c?d'],
  ['zero-width characters', 'p\u200ba\u200cs\u200ds\u2060w\ufeffd', 'p?a?s?s?w?d'],
  ['tag characters, which no terminal shows', 'a\u{e0061}b', 'a?b'],
  ['lone surrogates', 'a\ud83db\ude00c', 'a?b?c'],
  ['code points that are no characters', 'a\ufffeb\uffffc\u{1fffe}d', 'a?b?c?d'],
  ['line separators', 'a\u2028b\u2029c', 'a?b?c'],
  ['erasing what stands there', 'evil\b\b\b\bgood\u007f', 'evil????good?'],
])('%s is made visible', (_, text, shown) => {
  expect(safeText(text)).toBe(shown);
  expect(safeText(text, { lines: 'many' })).toBe(shown);
});

test('one line by default: breaks and tabs become spaces', () => {
  expect(safeText('a\nb\tc\r\nd')).toBe('a b c d');
});

test('newlines and tabs stay when asked for; a carriage return would overwrite its line', () => {
  expect(safeText('a\r\n\tb\rc', { lines: 'many' })).toBe('a\n\tb?c');
});

test('letters, marks and pictures of any script stay', () => {
  const text = 'naïve Ω 日本 عربى ไทย e\u0301 😀';
  expect(safeText(text)).toBe(text);
});

test('what is too long ends with an ellipsis, and no pair is torn', () => {
  expect(safeText('abcdef', { maxLength: 4 })).toBe('abc…');
  expect(safeText('😀😀😀', { maxLength: 2 })).toBe('😀…');
  expect(safeText('😀😀😀', { maxLength: 3 })).toBe('😀😀😀');
});

test('the mark can be chosen', () => {
  expect(safeText('a\u0000b', { mark: '\ufffd' })).toBe('a\ufffdb');
});

test('no text at all leaves anything that steers, and safe text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = safeText(text);
      expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(safeText(safe)).toBe(safe);
    }),
  );
});

test('JSON for a terminal is the same value, and holds no character that steers one', () => {
  const value = {
    '\u009b31m': 'a\u009d52;c;QQ==\u0007b\u202ec\u200b\u2028\u{e0041}\n',
    plain: 'é 漢 \ud83d\ude00',
  };
  for (const indent of [0, 2]) {
    const text = safeJson(value, indent);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(text).toContain('é 漢 \ud83d\ude00');
  }
});
