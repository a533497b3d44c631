import { expect, test } from 'vitest';
import { hostAddresses } from '../host-addresses.js';
import { dial, NowhereError } from './dial.js';

test('a name that is rebound to this machine, however its address is written, leads nowhere', async () => {
  const own = [...(await hostAddresses())];
  const mapped = own.filter((one) => !one.includes(':')).map((one) => `::ffff:${one}`);
  const others = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '::1',
    '::',
    '::127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
  ];
  for (const address of [
    ...own,
    ...mapped,
    ...others,
    '169.254.169.254',
    'fe80::1',
    'ff02::1',
    '198.18.0.1',
  ]) {
    const lookup = (): Promise<{ readonly address: string }[]> => Promise.resolve([{ address }]);
    const reached = dial({ host: 'good.example', port: 9 }, { blockPrivate: false, lookup });
    await expect(reached, address).rejects.toBeInstanceOf(NowhereError);
  }
});
