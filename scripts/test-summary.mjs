// test-summary.mjs VITEST_STATUS passed|failed|unasked REPORT: names what failed or was skipped and ends with the line
// `N passed, N failed`. `npm run check` counts as one test where it was asked for; so does every file that could not be loaded.
import console from 'node:console';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';

const [vitestStatus, check, reportPath] = process.argv.slice(2);
const problems = check === 'failed' ? ['npm run check'] : [];
let passed = check === 'passed' ? 1 : 0;
const skipped = [];

function readReport() {
  try {
    return JSON.parse(readFileSync(reportPath, 'utf8'));
  } catch (error) {
    problems.push(`vitest left no report: ${error.message}`);
    return { testResults: [] };
  }
}

for (const file of readReport().testResults) {
  const path = relative(process.cwd(), file.name);
  for (const test of file.assertionResults) {
    const name = `${path}: ${test.fullName}`;
    if (test.status === 'passed') passed += 1;
    else if (test.status === 'failed') problems.push(name);
    else skipped.push(name);
  }
  const failedAsWhole =
    file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');
  if (failedAsWhole) problems.push(`${path}: ${file.message || 'could not be run'}`);
}
if (vitestStatus !== '0' && problems.length === (check === 'failed' ? 1 : 0)) {
  problems.push(`vitest ended with status ${vitestStatus}, see its output above`);
}

for (const name of skipped) console.log(`skipped: ${name} (the reason stands beside it in the file)`);
for (const name of problems) console.log(`failed: ${name}`);
if (skipped.length > 0) console.log(`${skipped.length} skipped`);
console.log(`${passed} passed, ${problems.length} failed`);
process.exitCode = problems.length === 0 ? 0 : 1;
