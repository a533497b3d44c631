import { describe, expect, it } from 'vitest';
import { addedHosts } from './added-hosts.js';

describe('addedHosts', () => {
  it.each([
    ['ADD http://127.0.0.1:8000/pause /x', ['127.0.0.1']],
    ['add --chown=a --checksum=sha256:0 HTTPS://a.example/x b.tgz /x', ['a.example']],
    ['ADD \\\n # a\n http://[::1]:80/x \\\n /x', ['::1']],
    ['A\\\nDD ht\\\ntp://10.0.0.1/x /x', ['10.0.0.1']],
    ['# escape=`\nADD `\n http://10.0.0.1/x /x', ['10.0.0.1']],
    ['ONBUILD ADD http://localhost/x /x', ['localhost']],
    ['ADD ["http:\\u002f\\u002f127.0.0.1/x", "/x"]', ['127.0.0.1']],
    ['ADD "ht\'tp"://127.0.0.1/x /x', ['127.0.0.1']],
    ['ADD ht\\tp://127.0.0.1/x /x', ['127.0.0.1']],
    ['ADD http://public.example,a@127.0.0.1/x /x', ['127.0.0.1']],
    ['ADD http://127.0.0.1?@public.example/ /x', ['127.0.0.1']],
    ['ADD http://2130706433/x http://0x7f.1/x /x', ['2130706433', '0x7f.1']],
    ['ADD http://a.example\\\\@127.0.0.1/x /x', ['127.0.0.1']],
    ['ADD git@10.0.0.1:a/b.git /x', ['10.0.0.1']],
    ['ADD https://a.example/v${VERSION}/x.tgz $HOME/', ['a.example']],
    ['\u00ef\u00bb\u00bfADD http://127.0.0.1/ /x', ['127.0.0.1']],
    ['COPY <<E /x\nADD http://127.0.0.1/ /x\nE', ['127.0.0.1']],
    ['ADD a.tgz dir/$NAME /x', []],
    ['ADD . $APP', []],
    ['ADD ["a b", "/x"]', []],
    ['RUN curl http://127.0.0.1/', []],
  ])('of %j are %j', (text, hosts) => {
    expect([...addedHosts(`FROM x\n${text}\n`)]).toEqual(hosts);
  });

  it.each([
    'ADD $U /x',
    'ADD ${A}p://127.0.0.1/x /x',
    'ADD ht$A /x',
    'ADD http://$HOST/x /x',
    'ADD ["$U", "/x"]',
    'ADD http://a%40b/x /x',
  ])('cannot be told of %j', (text) => {
    expect(() => addedHosts(`FROM x\n${text}\n`)).toThrow(/depends on a variable|which host/);
  });
});
