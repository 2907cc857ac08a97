import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { composeFile, writtenComposeFile } from './compose-file.ts';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec', 'compose-spec.json'), 'utf8'));
// Its formats (`ports`, `duration`, …) are the parser's own; compose-parser.test.ts sees to those.
const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

test.each([
  ['as it is written', writtenComposeFile()],
  ['with its variables filled in', composeFile()],
])('docker-compose.yml keeps to the Compose specification, %s', (_, file) => {
  validate(file);
  expect(validate.errors).toBeNull();
});

test('the schema finds what is misspelt', () => {
  const file = structuredClone(composeFile()) as unknown as { services: { trader: Record<string, unknown> } };
  file.services.trader.depend_on = [];
  expect(validate(file)).toBe(false);
});
