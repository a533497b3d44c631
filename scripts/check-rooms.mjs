// A part of `npm run check`: the sizes that docs/architecture.md promises. A folder of more than about 14 files holds two
// ideas, a file of more than 250 lines two files, and a type's name in two files means two things. (eslint bounds
// functions, dependency-cruiser says who may import whom.)
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

const mostFiles = 14;
const longestFile = 250;
const longestMedian = 70;

/** Folders that may be longer: a flat list of one kind of thing. */
const flatLists = new Map([
  ['src/cli', 'one file a command, and what commands share'],
  ['src/record', 'one file a shape that the floors share'],
]);

const [, , root = 'src'] = process.argv;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((name) => join(root, name))
  .filter((name) => /\.(tsx?|sh)$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
  .map((name) => ({ name, lines: readFileSync(name, 'utf8').split('\n').length - 1 }));

const folders = new Map();
for (const { name } of files) folders.set(dirname(name), (folders.get(dirname(name)) ?? 0) + 1);
const lengths = files.map(({ lines }) => lines).sort((a, b) => a - b);
const median = lengths[Math.floor(lengths.length / 2)] ?? 0;

// Two types of one name make a reader open the wrong file.
const homes = new Map();
for (const { name } of files)
  for (const [, type] of readFileSync(name, 'utf8').matchAll(/^export (?:interface|type|class) (\w+)/gm))
    homes.set(type, [...(homes.get(type) ?? []), name]);

const problems = [
  ...[...homes]
    .filter(([, names]) => names.length > 1)
    .map(([type, names]) => `${type} has ${names.length} meanings: ${names.join(', ')}`),
  ...[...folders]
    .filter(([folder, count]) => count > mostFiles && !flatLists.has(folder))
    .map(
      ([folder, count]) =>
        `${folder} has ${count} files, more than ${mostFiles}: give an idea its own folder`,
    ),
  ...[...flatLists.keys()]
    .filter((folder) => root === 'src' && (folders.get(folder) ?? 0) <= mostFiles)
    .map((folder) => `${folder} is no longer an exception: take it out of ${basename(import.meta.filename)}`),
  ...files
    .filter(({ lines }) => lines > longestFile)
    .map(({ name, lines }) => `${name} has ${lines} lines, more than ${longestFile}`),
  ...(median > longestMedian ? [`the median file has ${median} lines, more than ${longestMedian}`] : []),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
