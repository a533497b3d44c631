import { describe, expect, it } from 'vitest';

import { InputError } from '../../base/errors.js';
import { parseServerAddress } from './server-address.js';

describe('--base-url', () => {
  it.each([
    ['http://gpu1:8000/v1', 'http://gpu1:8000/v1', 'http://gpu1:8000'],
    ['http://gpu1:8000/v1/', 'http://gpu1:8000/v1', 'http://gpu1:8000'],
    ['http://gpu1:8000', 'http://gpu1:8000/v1', 'http://gpu1:8000'],
    ['https://host/proxy/v1', 'https://host/proxy/v1', 'https://host/proxy'],
    ['https://host/openai', 'https://host/openai', 'https://host/openai'],
    ['http://[::1]:8000/v1', 'http://[::1]:8000/v1', 'http://[::1]:8000'],
  ])('%s is the API %s of the server %s', (text, baseUrl, rootUrl) => {
    expect(parseServerAddress(text, null)).toEqual({ baseUrl, rootUrl, apiKey: null });
  });

  it.each(['gpu1:8000', 'localhost', 'ftp://host', ''])('%j is refused with an example', (text) => {
    expect(() => parseServerAddress(text, null)).toThrow(InputError);
  });
});
