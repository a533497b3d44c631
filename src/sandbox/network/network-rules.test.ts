import { describe, expect, it } from 'vitest';
import { alwaysBlocked, privateRanges } from './blocked-ranges.js';
import { inet6Addresses, localAddresses, routeGateways, nameservers } from './host-addresses.js';
import { networkRules } from './network-rules.js';

describe('networkRules', () => {
  it('puts each family into a set of its own and lets name resolution through before them', () => {
    const rules = networkRules({ blocked: ['192.0.2.1', '169.254.0.0/16', 'fe80::/10'] });
    expect(rules).toContain(
      'set blocked4 { type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.1, 169.254.0.0/16 } }',
    );
    expect(rules).toContain(
      'set blocked6 { type ipv6_addr; flags interval; auto-merge; elements = { fe80::/10 } }',
    );
    expect(rules.indexOf('dport 53 accept')).toBeLessThan(rules.indexOf('@blocked4'));
  });

  it('lets name resolution through to the resolvers alone where they are known', () => {
    const rules = networkRules({ blocked: ['192.0.2.1'], resolvers: ['192.0.2.1', 'fd00::1'] });
    expect(rules).toContain('ip daddr @resolvers4 meta l4proto { tcp, udp } th dport 53 accept');
    expect(rules).toContain(
      'set resolvers6 { type ipv6_addr; flags interval; auto-merge; elements = { fd00::1 } }',
    );
    expect(rules).not.toMatch(/^ *meta l4proto \{ tcp, udp \} th dport 53 accept/m);
    expect(networkRules({ blocked: [], resolvers: null })).toMatch(/^ *meta l4proto .* dport 53 accept/m);
  });

  it.each(['', 'localhost', '1.2.3', '1.2.3.4/33', 'fe80::1%eth0', '10.0.0.0/8 }\nflush ruleset', '::1/129'])(
    'refuses %j, which is no address',
    (range) => expect(() => networkRules({ blocked: [range] })).toThrow('not an address'),
  );

  it('stands for nothing where nothing is blocked', () => {
    expect(networkRules({ blocked: [] })).toContain(
      'set blocked4 { type ipv4_addr; flags interval; auto-merge; }',
    );
  });
});

describe('what is blocked', () => {
  it('has the host and link-local ranges always, private ones but for the networks of a trial', () => {
    const hostAddresses = ['192.0.2.7'];
    expect(alwaysBlocked(hostAddresses)).toEqual(['192.0.2.7', '169.254.0.0/16', 'fe80::/10']);
    const rules = networkRules({
      blocked: alwaysBlocked(hostAddresses),
      blockedElsewhere: privateRanges,
      allowed: ['10.89.0.0/24'],
    });
    const order = ['@blocked4 jump', '@allowed4 accept', '@elsewhere4 jump'].map((rule) =>
      rules.indexOf(rule),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(rules).toContain(
      'set allowed4 { type ipv4_addr; flags interval; auto-merge; elements = { 10.89.0.0/24 } }',
    );
  });
});

describe("the host's addresses", () => {
  it('are read from the kernel, of bridges without a container too', () => {
    const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.88.0.0/16 2 0 2
        |-- 10.88.0.0
           /16 link UNICAST
        |-- 10.88.0.1
           /32 host LOCAL
        |-- 10.88.255.255
           /32 link BROADCAST
`;
    expect(localAddresses(trie)).toEqual(['10.88.0.1']);
    expect(inet6Addresses('fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n')).toEqual([
      'fe80:0000:0000:0000:00fc:00ff:fe00:0001',
    ]);
  });

  it('of resolvers are read from resolv.conf, whatever else stands there', () => {
    const text =
      'search a\n# nameserver 1.1.1.1\n nameserver\t10.0.0.2 \nnameserver fe80::1%eth0\nnameserver x\nnameserver fd00::1';
    expect(nameservers(text)).toEqual(['10.0.0.2', 'fd00::1']);
  });

  it('include the next hop of a container', () => {
    const table =
      'Iface\tDestination\tGateway \tFlags\neth0\t00000000\t0100580A\t0003\neth0\t0000580A\t00000000\t0001\n';
    expect(routeGateways(table)).toEqual(['10.88.0.1']);
  });
});
