// A part of `npm run build`: a module reads its shell programs, style sheets and scripts of pages from beside itself, and tsc copies only TypeScript.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

const [, , from = 'src', to = 'dist'] = process.argv;
for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(sh|css|js)$/.test(name)) continue;
  mkdirSync(dirname(join(to, name)), { recursive: true });
  copyFileSync(join(from, name), join(to, name));
}
