/**
 * What dockerode's own methods do where this project calls the engine through its transport: the figures of
 * docs/decisions/dockerode.md. Needs an engine with the base image of `npm run setup`; removes what it makes.
 */
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, type Readable } from 'node:stream';
import Docker from 'dockerode';
import { sleep } from '../src/base/deadline.js';
import { EngineClient } from '../src/sandbox/connection/engine-client.js';
import { engineAddress } from '../src/sandbox/connection/engine-socket.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';

const image = 'docker.io/library/debian:bookworm-slim';

await using engine = await openContainerEngine({ env: process.env });
const address = engineAddress(engine.info.socket, process.env);
const docker = new Docker(address);
const client = new EngineClient(address);
console.log(`${engine.info.name} ${engine.info.version}, dockerode's methods against its transport`);

const made: Docker.Container[] = [];
try {
  const container = await startCat();
  await errorTexts(container);
  await statusCodes(container);
  await attached();
  await execStarted(container);
  await serviceGone();
  await times(container);
} finally {
  for (const container of made) await container.remove({ force: true });
}

/** A container that sends back whatever arrives as its input. */
async function startCat(): Promise<Docker.Container> {
  const container = await docker.createContainer({ Image: image, Cmd: ['cat'], OpenStdin: true });
  made.push(container);
  await container.start();
  return container;
}

async function errorTexts(container: Docker.Container): Promise<void> {
  const what = 'read a file';
  const archive = (id: string, path: string): Promise<unknown> =>
    client.stream({ method: 'GET', path: `/containers/${id}/archive`, query: { path }, what });
  await tell('missing path, method', () => container.getArchive({ path: '/absent' }));
  await tell('missing path, ours', () => archive(container.id, '/absent'));
  await tell('missing container, method', () => docker.getContainer('absent').getArchive({ path: '/' }));
  await tell('missing container, ours', () => archive('absent', '/'));
}

async function statusCodes(container: Docker.Container): Promise<void> {
  const path = `/containers/${container.id}/start`;
  await tell('start of a started container, method', () => container.start());
  await tell('start of a started container, ours', () =>
    client.send({ method: 'POST', path, what: 'start' }),
  );
}

/** What the container's input begins with when nothing but a line was sent. */
async function attached(): Promise<void> {
  const all = { stream: true, stdin: true, stdout: true };
  const _query = { stream: 1, stdin: 1, stdout: 1 };
  const ways: Record<string, object> = {
    'hijack and stdin': { ...all, hijack: true },
    'and _query, empty _body': { ...all, hijack: true, _query, _body: {} },
    'and _query, empty _body, no stdin': { hijack: true, _query, _body: {} },
  };
  for (const [way, options] of Object.entries(ways)) {
    const container = await startCat();
    const stream = await within(container.attach(options as Docker.ContainerAttachOptions));
    console.log(`attach, method, ${way}:`, stream === null ? 'no answer in 3 s' : await echoed(stream));
  }
  const query = { stream: '1', stdin: '1', stdout: '1' };
  const container = await startCat();
  const call = { path: `/containers/${container.id}/attach`, query, what: 'attach' };
  console.log('attach, ours:', await echoed(await client.hijack({ method: 'POST', ...call })));
}

async function within<T>(promise: Promise<T>): Promise<T | null> {
  return Promise.race([promise, sleep(3000).then(() => null)]);
}

async function execStarted(container: Docker.Container): Promise<void> {
  const create = { Cmd: ['cat'], AttachStdin: true, AttachStdout: true };
  for (const hijack of [true, false]) {
    const exec = await container.exec(create);
    const stream = await within(exec.start({ hijack, stdin: true }));
    const answer = stream === null ? 'no answer in 3 s' : await echoed(stream, 'end');
    console.log(`exec.start, method, hijack ${hijack}:`, answer);
  }
}

/** What came back within a second, after a line was sent; with `end` the writing half is closed first. */
async function echoed(stream: NodeJS.ReadWriteStream, how: 'end' | 'keep' = 'keep'): Promise<string> {
  let text = '';
  const ends: string[] = [];
  stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1').replaceAll(/[^ -~]+/g, '|')));
  stream.on('end', () => ends.push('ended')).on('error', () => undefined);
  stream.write('line\n');
  if (how === 'end') stream.end();
  await sleep(1000);
  if (stream instanceof Duplex) stream.destroy();
  return how === 'end' ? `${text} ${ends[0] ?? 'did not end'}` : text;
}

/** A service that takes a call and dies, and one that nobody started. */
async function serviceGone(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-dockerode-'));
  const path = join(dir, 's');
  const dying = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => dying.listen(path, resolve));
  const gone = new Docker({ socketPath: path });
  await tell('service died during the call, method', () => gone.getContainer('x').start());
  dying.close();
  await tell('nobody listens, method', () => gone.getContainer('x').start());
  await rm(dir, { recursive: true, force: true });
}

async function times(container: Docker.Container): Promise<void> {
  const call = { path: `/containers/${container.id}/json`, what: 'inspect' };
  const ways: [string, () => Promise<unknown>][] = [
    ['method', () => container.inspect()],
    ['ours', () => client.send({ method: 'GET', ...call })],
  ];
  for (const [name, inspect] of [...ways, ...ways]) {
    const startedAt = performance.now();
    for (let call = 0; call < 100; call += 1) await inspect();
    console.log(`inspect, ${name}: ${((performance.now() - startedAt) / 100).toFixed(2)} ms`);
  }
}

async function tell(name: string, call: () => Promise<unknown>): Promise<void> {
  try {
    const answer = await call();
    (answer as Partial<Readable> | undefined)?.destroy?.();
    console.log(`${name}: done`);
  } catch (error) {
    const { message, json, code } = error as Error & { json?: unknown; code?: string };
    console.log(`${name}: ${message.trim()} | json ${JSON.stringify(json)} | code ${code ?? '-'}`);
  }
}
