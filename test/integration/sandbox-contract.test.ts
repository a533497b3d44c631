import { afterAll, beforeAll } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { sandboxContract } from '../contract/sandbox.js';
import { busyboxImage, ensureBusyboxImage } from './busybox-image.js';
import { openTestEngine, openTestSandbox, testSpec } from './engine.js';

let engine: ContainerEngine;
let busyboxId: string;

beforeAll(async () => {
  engine = await openTestEngine();
  // An engine other than this machine's podman has been given the image already.
  const source = { reference: busyboxImage, buildContext: null, dockerfile: '', buildTimeoutMs: 0 };
  const known = await engine.ensureImage(source, { pull: 'never', forceBuild: false }).catch(() => null);
  busyboxId = known?.id ?? (await ensureBusyboxImage());
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

sandboxContract({
  name: 'Debian as root',
  shell: 'bash',
  open: (overrides) => openTestSandbox(engine, overrides),
});

sandboxContract({
  name: 'Debian as another user',
  shell: 'bash',
  open: (overrides) => openTestSandbox(engine, { user: '1000:1000', ...overrides }),
});

sandboxContract({
  name: 'busybox',
  shell: 'sh',
  open: (overrides) => {
    const image = { reference: busyboxImage, id: busyboxId };
    return engine.createSandbox(testSpec(busyboxId, { image, ...overrides }));
  },
});

// Compiled in minutes by scripts/engines/musl.sh: `npm run test:engines` has it, `npm test` has not.
const muslImage = process.env['TBENCH_MUSL_IMAGE'];
if (muslImage !== undefined) {
  sandboxContract({
    name: 'musl and busybox',
    shell: 'sh',
    open: async (overrides) => {
      const source = { reference: muslImage, buildContext: null, dockerfile: '', buildTimeoutMs: 0 };
      const image = await engine.ensureImage(source, { pull: 'never', forceBuild: false });
      return engine.createSandbox(testSpec(image.id, { image, ...overrides }));
    },
  });
}
