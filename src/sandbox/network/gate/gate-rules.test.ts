import { expect, test } from 'vitest';
import { readRefused, readWanted } from './gate-rules.js';
import { openRefusalLog } from './refusal-log.js';

const listing = `table inet tbench_gate {
	set wanted4 {
		type inet_service . ipv4_addr . inet_service
		elements = { 36576 . 192.0.2.8 . 443 expires 9s892ms, 36576 . 192.0.2.9 . 22 expires 9s97ms,
			     40000 . 192.0.2.1 . 80 timeout 10s expires 88ms }
	}
	set refused6 {
		elements = { 2001:db8::1 . udp . 443 }
	}
}`;

test('what a port wanted last is read', () => {
  const wanted = readWanted(listing);
  expect(wanted.get(36576)).toMatchObject({ address: '192.0.2.8', port: 443 });
  expect(wanted.get(40000)).toMatchObject({ address: '192.0.2.1', port: 80 });
  expect(wanted.get(1)).toBeUndefined();
});

test('what was refused without a connection is read', () => {
  expect(readRefused(listing)).toEqual([{ address: '2001:db8::1', protocol: 'udp', port: 443 }]);
});

test('a log keeps its bounds, whatever is tried', () => {
  const log = openRefusalLog();
  const one = { phase: 'agent', service: 'main', protocol: 'tcp', port: 443 };
  for (let index = 0; index < 1000; index += 1)
    log.add({ ...one, host: `h${index}.example`.padEnd(400, 'x') });
  log.add({ ...one, host: 'h0.example'.padEnd(400, 'x') });
  expect(log.refused.length).toBe(256);
  expect(log.more).toBeGreaterThan(700);
  expect(Math.max(...log.refused.map(({ host }) => host.length))).toBe(253);
});
