import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import type { CoordinatorAnnouncement, WorkerAnnouncement } from '../../src/job/queue/announcements.js';

const execute = promisify(execFile);

/** A real Redis, of Debian's package. */
export interface RedisProcess extends AsyncDisposable {
  readonly port: number;
  /** Kills it and starts it anew; without `forgets` it reads what it wrote on disk, to the last second. */
  restart(forgets: boolean): Promise<void>;
  /** Every value of every key, archives unpacked: what somebody sees who reads all of it. */
  everything(): Promise<string>;
  keys(): Promise<readonly string[]>;
  /** Of a list. */
  length(key: string): Promise<number>;
  /** What it holds and what it has done since it was started. */
  figures(): Promise<RedisFigures>;
  /** As a worker or a coordinator does. */
  announce(kind: 'worker', who: WorkerAnnouncement): Promise<void>;
  announce(kind: 'coordinator', who: CoordinatorAnnouncement): Promise<void>;
}

export interface RedisFigures {
  /** Bytes. */
  readonly memory: number;
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Starts one on a free port of `host`, in a folder of its own. */
export async function startRedis(host = '127.0.0.1'): Promise<RedisProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-redis-'));
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const listening = ['--port', String(port), '--bind', host, '--protected-mode', 'no', '--dir', dir];
    const redis = spawn('redis-server', [...listening, '--save', '', '--appendonly', 'yes'], {
      stdio: 'ignore',
    });
    for (;;) {
      const pong = await execute('redis-cli', ['-h', host, '-p', String(port), 'ping']).catch(() => null);
      if (pong?.stdout.trim() === 'PONG') return redis;
      await sleep(50);
    }
  };
  let redis = await start();
  const withClient = async <T>(work: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis({ host, port });
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  };
  return {
    port,
    async restart(forgets) {
      await killed(redis);
      if (forgets) await rm(join(dir, 'appendonlydir'), { recursive: true, force: true });
      redis = await start();
    },
    keys: () => withClient((client) => client.keys('tbench:*')),
    length: (key) => withClient((client) => client.llen(key)),
    figures: () =>
      withClient(async (client) => {
        const info = await client.info();
        const of = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
        return {
          memory: of('used_memory'),
          commands: of('total_commands_processed'),
          bytesIn: of('total_net_input_bytes'),
          bytesOut: of('total_net_output_bytes'),
        };
      }),
    everything: () => withClient(readEverything),
    announce: (kind, who) =>
      withClient(async (client) => {
        await client.set(`tbench:${kind}:${who.id}`, JSON.stringify(who), 'EX', 60);
      }),
    async [Symbol.asyncDispose]() {
      await killed(redis);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function readEverything(client: Redis): Promise<string> {
  const texts: string[] = [];
  const archives = new Map<string, Map<number, Buffer>>();
  for (const key of await client.keys('*')) {
    texts.push(key);
    const type = await client.type(key);
    if (type === 'hash') texts.push(JSON.stringify(await client.hgetall(key)));
    if (type === 'list') texts.push(...(await client.lrange(key, 0, -1)));
    if (type === 'zset') texts.push(...(await client.zrange(key, 0, -1)));
    if (type === 'set') texts.push(...(await client.smembers(key)));
    if (type === 'stream') texts.push(JSON.stringify(await client.xrange(key, '-', '+')));
    if (type !== 'string') continue;
    const value = (await client.getBuffer(key)) ?? Buffer.alloc(0);
    texts.push(value.toString('latin1'));
    const piece = /^(.*:pieces:.*):(\d+)$/.exec(key);
    if (piece === null) continue;
    const pieces = archives.get(piece[1] ?? '') ?? new Map<number, Buffer>();
    archives.set(piece[1] ?? '', pieces.set(Number(piece[2]), value));
  }
  for (const pieces of archives.values()) {
    const whole = Buffer.concat([...pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece));
    // One that is just being written or removed lacks pieces.
    try {
      texts.push(gunzipSync(whole).toString('latin1'));
    } catch {
      continue;
    }
  }
  return texts.join('\n');
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
