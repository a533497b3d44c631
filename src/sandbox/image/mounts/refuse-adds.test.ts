import { expect, it } from 'vitest';
import { addRefusal } from './refuse-adds.js';

const own = ['192.0.2.7', '2001:0db8:0000:0000:0000:0000:0000:0007'];
const refusal = (host: string): Promise<string | null> =>
  addRefusal(`FROM x\nADD http://${host}/x /x\n`, own);

it.each([
  '127.0.0.1',
  'localhost',
  '127.3.2.1:8000',
  '0.0.0.0',
  '2130706433',
  '0x7f.1',
  '017700000001',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '169.254.169.254',
  '[fe80::1]',
  'user:word@127.0.0.1',
  '192.0.2.7:8000',
  '[2001:db8::7]',
])('an ADD from %s is refused, since the engine itself would ask this machine', async (host) => {
  expect(await refusal(host)).toMatch(/must not be reached/);
});

it.each(['192.0.2.8', '10.1.2.3', '[2001:db8::8]', 'no-such-name.invalid'])(
  'one from %s is not',
  async (host) => {
    expect(await refusal(host)).toBeNull();
  },
);

it('one that a variable decides is refused, and one of more hosts than are asked for', async () => {
  expect(await addRefusal('ADD $X /x', own)).toMatch(/depends on a variable/);
  const many = Array.from({ length: 51 }, (_, at) => `ADD http://192.0.2.8:80/ http://h${at}/ /x`).join('\n');
  expect(await addRefusal(many, own)).toMatch(/more than 50 hosts/);
});
