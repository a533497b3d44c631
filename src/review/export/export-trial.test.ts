import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { copyWholeTrial, temporaryDir } from '../../../test/doubles/sample-job.js';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { emptyTrial } from '../../results/formats/empty-trial.js';
import { atifTrial } from './atif-trial.js';
import { shareGptTrial } from './share-gpt-trial.js';
import { trajectorySchema } from '../../results/formats/atif/trajectory-schema.js';
import { readConversation, type Message } from '../../results/formats/read-conversation.js';
import { hideForSharing, redactForSharing } from './redact-for-sharing.js';

const dir = temporaryDir('export');
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const name = 'prove-plus-comm__Tf7eq3c';
copyWholeTrial(dir, name);

it('turns a recorded chat into ATIF whose steps count up and whose answers belong to their calls', async () => {
  const chat = await readConversation(join(dir, name));
  if (chat === null) throw new Error('no conversation');
  expect(chat.format).toBe('chat');
  const atif = trajectorySchema.parse(
    atifTrial(syntheticJob([[1]]), emptyTrial('prove-plus-comm', name), chat),
  );
  expect(atif.steps.filter((step) => step.observation !== undefined).length).toBeGreaterThan(5);
});

it('keeps arguments that are no table beside the call, as it does for trials of its own', () => {
  const call = { id: 'a', name: 'bash', arguments: 'ls -la' };
  const said = { role: 'assistant', text: 'x', reasoning: null, calls: [call], callId: null } as const;
  const chat = { format: 'chat', schemaVersion: null, raw: null } as const;
  const render = (messages: readonly Message[]): unknown =>
    atifTrial(syntheticJob([[1]]), emptyTrial('t', 't__1'), { ...chat, messages });
  expect(trajectorySchema.parse(render([said])).steps[0]).toMatchObject({
    tool_calls: [{ tool_call_id: 'a', arguments: {} }],
    extra: { raw_arguments: [{ id: 'a', arguments: 'ls -la' }] },
  });
  expect(render([])).toBeNull();
});

it('writes ShareGPT turns in order, nothing lost', async () => {
  const chat = await readConversation(join(dir, name));
  if (chat === null) throw new Error('no conversation');
  const shared = shareGptTrial(emptyTrial('t', name), chat) as {
    conversations: { from: string; value: string }[];
  };
  expect(shared.conversations).toHaveLength(chat.messages.length);
  expect(shared.conversations.slice(0, 2).map((turn) => turn.from)).toEqual(['system', 'human']);
  expect(shared.conversations.some((turn) => turn.value.includes('<tool_call>'))).toBe(true);
});

it('has no conversation for a folder without one', async () => {
  expect(await readConversation(join(dir, 'absent'))).toBeNull();
});

it('hides people, hosts and keys for sharing, and leaves the rest', () => {
  const text =
    'mail me@example.org from /home/alice/x or /Users/bob, http://10.1.2.3:8008/v1, key AKIAABCDEFGHIJKLMNOP, ' +
    'hf_abcdefghijklmnopqrstuvwxyz, Bearer abcdefghijklmnop, 192.168.0.7, 127.0.0.1, https://github.com/a/b';
  expect(redactForSharing(text)).toBe(
    'mail [e-mail] from /home/user/x or /Users/user, http://host/v1, key [key], ' +
      '[key], Bearer [key], [address], 127.0.0.1, https://github.com/a/b',
  );
});

it.each([
  'a.',
  'a@',
  'a@b.',
  'a@b',
  '.-',
  '1.',
  '/home',
  'http://',
  'http://a:',
  '-----BEGIN ',
  'sk-',
  'Bearer ',
])('hides in 10 MB of %j in linear time', { timeout: 60_000 }, (part) => {
  expect(typeof redactForSharing(part.repeat(10_000_000 / part.length))).toBe('string');
});

it('hides whole keys and addresses, however long, dotted or prefixed', () => {
  expect(redactForSharing(`sk-${'a'.repeat(5_000_000)}!`)).toBe('[key]!');
  expect(redactForSharing(`Bearer ${'a'.repeat(5_000_000)}!`)).toBe('Bearer [key]!');
  expect(redactForSharing(`me@${'b.'.repeat(2_000_000)}org.`)).toBe('[e-mail].');
  expect(redactForSharing('--me.and+you@x.example.org-, x@y@z.org <a@b>')).toBe(
    '--[e-mail]-, x@[e-mail] <a@b>',
  );
});

it('keeps JSON whole whatever the text holds', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json);
      expect(() => JSON.parse(JSON.stringify(hideForSharing(value))) as unknown).not.toThrow();
    }),
  );
  expect(hideForSharing({ a: ['line\nme@example.org'] })).toEqual({ a: ['line\n[e-mail]'] });
});
