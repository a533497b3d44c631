// `npm run check`: eslint takes longer than all other checks together, so it runs beside them, in as many threads as there
// are processors. What a check says is shown when it is over, and only when it failed.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

// Each thread reads the types of the whole program before its first file: more than four only read the same again.
const threads = Math.min(4, availableParallelism());
const beside = ['shell', 'rooms', 'types', 'boundaries', 'unused', 'formats'];

/** Runs a script of package.json; resolves to whether it succeeded. */
function check(name, ...options) {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', name, ...(options.length === 0 ? [] : ['--', ...options])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      process.stderr.write(`${code === 0 ? 'ok    ' : 'failed'} ${name} (${seconds} s)\n`);
      if (code !== 0) process.stderr.write(Buffer.concat(said));
      resolve(code === 0);
    });
  });
}

async function checkInTurn(names) {
  const results = [];
  for (const name of names) results.push(await check(name));
  return results.every(Boolean);
}

const results = await Promise.all([
  check('lint', ...(threads > 1 ? [`--concurrency=${threads}`] : [])),
  checkInTurn(beside),
]);
process.exitCode = results.every(Boolean) ? 0 : 1;
