/** Draws the SVG pictures of docs/pictures/ from the published tables and the recorded job of the tests; the others are taken by hand. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docsPictures } from '../test/doubles/docs-pictures.js';

const dir = fileURLToPath(new URL('../docs/pictures', import.meta.url));
const pictures = await docsPictures();
for (const name of readdirSync(dir)) if (name.endsWith('.svg')) rmSync(join(dir, name));
for (const { name, svg } of pictures) writeFileSync(join(dir, `${name}.svg`), `${svg}\n`);
