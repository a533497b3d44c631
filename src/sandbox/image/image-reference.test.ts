import { describe, expect, it } from 'vitest';
import { fullImageName } from './image-reference.js';

describe('fullImageName', () => {
  it.each([
    ['ubuntu', 'docker.io/library/ubuntu:latest'],
    ['ubuntu:24.04', 'docker.io/library/ubuntu:24.04'],
    ['python:3.13-slim-bookworm', 'docker.io/library/python:3.13-slim-bookworm'],
    ['alexgshaw/fix-git:20251031', 'docker.io/alexgshaw/fix-git:20251031'],
    ['docker.io/library/debian:bookworm-slim', 'docker.io/library/debian:bookworm-slim'],
    ['ghcr.io/a/b/c', 'ghcr.io/a/b/c:latest'],
    ['localhost:5000/x:1', 'localhost:5000/x:1'],
    ['localhost/tbench/x:1', 'localhost/tbench/x:1'],
    ['debian@sha256:0123abcd', 'docker.io/library/debian@sha256:0123abcd'],
  ])('completes %s to %s', (short, full) => {
    expect(fullImageName(short)).toBe(full);
  });
});
