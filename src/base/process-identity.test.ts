import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identify, ownerState } from './process-identity.js';

describe('ownerState', () => {
  it('knows a living process', () => {
    expect(ownerState(identify())).toBe('alive');
  });

  it('knows that a process has ended', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const identity = identify(child.pid);
    expect(ownerState(identity)).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(ownerState(identity)).toBe('dead');
  });

  it('does not mistake a later process with the same pid for the owner', () => {
    expect(ownerState({ ...identify(), startedAt: '1' })).toBe('dead');
  });

  it('says nothing about processes of another host or pid namespace', () => {
    expect(ownerState(identify(), 'elsewhere/b/1')).toBe('unknown');
    expect(ownerState({ pid: 1, startedAt: '', realm: 'h/boot/1' }, 'h/boot/2')).toBe('unknown');
  });

  it('takes every process of before a reboot for dead', () => {
    expect(ownerState({ pid: 1, startedAt: '', realm: 'h/old/1' }, 'h/new/1')).toBe('dead');
  });
});
