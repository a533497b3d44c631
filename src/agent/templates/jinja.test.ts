import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderJinja } from './jinja.js';

const folder = new URL('../../../test/fixtures/mini-swe-agent/', import.meta.url);
const outputSchema = z.looseObject({
  output: z.union([z.string(), z.array(z.tuple([z.string(), z.number()]))]),
});
const caseSchema = z.object({
  file: z.string(),
  key: z.string(),
  variables: z.looseObject({ output: outputSchema.optional() }),
  text: z.string(),
});
const configSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
const cases = z
  .array(caseSchema)
  .parse(JSON.parse(await readFile(new URL('reference.json', folder), 'utf8')));

async function templateOf(file: string, key: string): Promise<string> {
  const config = configSchema.parse(parse(await readFile(new URL(file, folder), 'utf8')));
  return z.string().parse(config['agent']?.[key] ?? config['model']?.[key]);
}

function unfold(variables: z.infer<typeof caseSchema>['variables']): Record<string, unknown> {
  const { output } = variables;
  if (output === undefined || typeof output.output === 'string') return variables;
  return {
    ...variables,
    output: { ...output, output: output.output.map(([text, times]) => text.repeat(times)).join('') },
  };
}

function render(source: string, variables: Record<string, unknown>): string {
  return renderJinja({ name: 'test', source, variables });
}

describe('renderJinja', () => {
  test.each(cases.map((one, index) => [`${one.file} ${one.key} ${index}`, one] as const))(
    'writes what Jinja2 writes: %s',
    async (_name, { file, key, variables, text }) => {
      const rendered = render(await templateOf(file, key), unfold(variables));
      const digest = `sha256:${createHash('sha256').update(rendered).digest('hex')}`;
      expect(text.startsWith('sha256:') ? digest : rendered).toBe(text);
    },
  );

  test('names the template and the variable that is missing', () => {
    expect(() => render('{{ nothing }}', {})).toThrow(/template test cannot be rendered: .*undefined/);
  });

  test('refuses a template that is not one', () => {
    expect(() => render('{% if %}', {})).toThrow('template test cannot be rendered');
  });

  test('sorts keys and spaces them as Python does', () => {
    expect(render('{{ value | tojson }}', { value: { b: [1, null, true], a: '<é>' } })).toBe(
      '{"a": "\\u003c\\u00e9\\u003e", "b": [1, null, true]}',
    );
  });

  test('answers with the whole length for a text that stands for a longer one', () => {
    const longText = { text: 'abcd', length: 1_000 };
    const source = '{{ t | length }} {{ t[:2] }} {{ t[-2:] }} {{ [1, 2] | length }}';
    expect(renderJinja({ name: 'x', source, variables: { t: 'abcd' }, longText })).toBe('1000 ab cd 2');
  });
});
