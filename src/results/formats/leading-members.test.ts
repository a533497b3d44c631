import fc from 'fast-check';
import { expect, it } from 'vitest';
import { leadingMembers } from './leading-members.js';

it('gives every member of a whole table, and of a cut one those before the cut', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (table, cut) => {
      const text = JSON.stringify(table, null, cut % 3);
      const whole = JSON.parse(text) as Record<string, unknown>;
      expect(leadingMembers(text)).toEqual(whole);
      const part = leadingMembers(text.slice(0, cut % (text.length + 1)));
      expect(whole).toMatchObject(part);
    }),
  );
});

it('finds a small member before a list that never ends, and none in what is no table', () => {
  const head = '{\n "info": {"exit_status": "Sub}mit,ted\\""},\n "messages": [ {"content": "long';
  expect(leadingMembers(head)).toEqual({ info: { exit_status: 'Sub}mit,ted"' } });
  for (const none of ['', '[1]', '"a"', '{"a" 1}', '{"a": b, "c": 1}'])
    expect(leadingMembers(none)).toEqual({});
});
