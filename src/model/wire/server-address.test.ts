import { describe, expect, it } from 'vitest';

import { InputError } from '../../base/errors.js';
import { parseServerAddress } from './server-address.js';

function thrownBy(work: () => unknown): InputError {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error('no InputError was thrown');
}

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

  it.each([
    ['http://me:hunter2@host/v1', 'OPENAI_API_KEY'],
    ['http://host/v1?api-version=hunter2', 'http://HOST:PORT/v1'],
    ['http://host/v1#hunter2', 'http://HOST:PORT/v1'],
    ['me:hunter2@host:8000', 'http://HOST:PORT/v1'],
  ])('%s is refused, since a part of it would be dropped, without showing that part', (text, mend) => {
    const error = thrownBy(() => parseServerAddress(text, null));
    expect(error).toBeInstanceOf(InputError);
    expect(error.hint).toContain(mend);
    expect(error.message).not.toContain('hunter2');
  });

  it.each(['key\n', 'key\r\n', ' key', 'k\u{1f511}y', 'a\nb'])(
    'a key %j that no header takes is refused',
    (key) => {
      const error = thrownBy(() => parseServerAddress('http://host/v1', key));
      expect(error.message).toMatch(/^OPENAI_API_KEY (ends in a line break|holds a character)/);
      expect(error.message).not.toContain('key');
    },
  );

  it.each(['gpu1:8000', 'localhost', 'ftp://host', ''])('%j is refused with an example', (text) => {
    expect(() => parseServerAddress(text, null)).toThrow(InputError);
  });
});
