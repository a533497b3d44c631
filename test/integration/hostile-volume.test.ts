import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StorageLimitReached, watchStorage } from '../../src/trial/steps/watch-storage.js';
import { baseImage, openTestEngine, testSpec } from './engine.js';

it('what is written to a VOLUME of the image counts against the storage limit', async () => {
  await using engine = await openTestEngine();
  const dir = await mkdtemp(join(tmpdir(), 'volume-'));
  const text = `FROM ${baseImage}\nENV ID=${randomUUID()}\nVOLUME /data\n`;
  await writeFile(join(dir, 'Dockerfile'), text);
  const source = { reference: null, buildContext: dir, dockerfile: 'Dockerfile', buildTimeoutMs: 60_000 };
  const image = await engine.ensureImage(source, { pull: 'never', forceBuild: false });
  try {
    await using sandbox = await engine.createSandbox({ ...testSpec(image.id), image });
    using storage = watchStorage(sandbox, 15_000_000, new AbortController().signal);
    await sandbox.run('head -c 20000000 /dev/zero > /data/file', { timeoutMs: 20_000 });
    expect((await sandbox.vitals()).diskBytes).toBeGreaterThan(19_000_000);
    // However quick it was: the look at the end of the agent's time finds it.
    await storage.lookNow();
    expect(storage.signal.reason).toBeInstanceOf(StorageLimitReached);
    expect(sandbox.limits.capabilities).not.toContain('CAP_MKNOD');
    expect(sandbox.limits.capabilities).not.toContain('CAP_NET_RAW');
  } finally {
    await engine.removeImage(image.reference);
    await rm(dir, { recursive: true });
  }
});
