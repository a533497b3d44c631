import { describe, expect, it } from 'vitest';
import { interpreterOf } from './interpreter.js';

describe('interpreterOf', () => {
  it.each([
    ['', []],
    ['# a comment\n', []],
    ['#!/bin/bash\n', []],
    ['#!/bin/bash -e\n', ['-e']],
    ['#! /usr/local/bin/bash -e -u\r\n', ['-e', '-u']],
    ['#!/usr/bin/env bash -eu\n', ['-eu']],
    ['#!/usr/bin/env -S bash -euo pipefail\n', ['-euo', 'pipefail']],
    ['#!/bin/bash -o pipefail +B\n', ['-o', 'pipefail', '+B']],
    ['#!/bin/bash --\n', []],
    ['#!/bin/bash -', []],
  ])('%j is for bash with %j', (script, options) => {
    expect(interpreterOf(script)).toEqual({ kind: 'bash', options });
  });

  it.each([
    ['#!/bin/sh -e\n', ['/bin/sh', '-e']],
    ['#!/usr/bin/env sh', ['/usr/bin/env', 'sh']],
    ['#!/usr/bin/env python3\n', ['/usr/bin/env', 'python3']],
    ['#!/usr/bin/env -S uv run --script\n', ['/usr/bin/env', 'uv', 'run', '--script']],
    ['#!/usr/bin/env -S A=1 bash -e\n', ['/usr/bin/env', 'A=1', 'bash', '-e']],
    ['#!/bin/bash -l\n', ['/bin/bash', '-l']],
    ['#!/bin/bash -O extglob\n', ['/bin/bash', '-O', 'extglob']],
    ['#!/bin/bash --posix\n', ['/bin/bash', '--posix']],
    ['#!/bin/bash -eo\n', ['/bin/bash', '-eo']],
    ['#!/usr/bin/perl\n', ['/usr/bin/perl']],
  ])('%j is left to %j', (script, argv) => {
    expect(interpreterOf(script)).toEqual({ kind: 'other', argv });
  });
});
