import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuMs } from '../testing/cpu-ms.ts';
import { plantedSecrets } from '../testing/planted-secrets.ts';
import { mergeSpans, REDACTED, redactJson, redactSecrets } from './index.ts';

test('of 200 planted secrets of usual kinds none is left', () => {
  const planted = plantedSecrets(200);
  const seen = planted.filter(({ printed, secret }) => redactSecrets(printed).includes(secret));
  expect(seen.map(({ printed }) => printed)).toEqual([]);
  const together = redactSecrets(planted.map(({ printed }) => printed).join('\n'));
  expect(planted.filter(({ secret }) => together.includes(secret))).toEqual([]);
});

test.each([
  'npm test -- --reporter=dot && git push origin main',
  'const token = readToken(input); // token: string',
  'commit 3f2b8c1d9e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c',
  'https://example.com/a/b?c=d#e and http://localhost:5002/health',
  'the password is asked for at the start',
  'tokens: many, secrets: none, key: value',
  'task-runner/src/skip-ant-build.ts:12:34 error TS2345',
  'Authorization is required; basic knowledge helps',
])('ordinary text stays: %s', (text) => {
  expect(redactSecrets(text)).toBe(text);
});

test('what tells of a secret stays, only the secret goes', () => {
  expect(redactSecrets('postgres://me:hunter2@db/x')).toBe(`postgres://me:${REDACTED}@db/x`);
  expect(redactSecrets('GITHUB_TOKEN=abcdef PATH=/bin')).toBe(`GITHUB_TOKEN=${REDACTED} PATH=/bin`);
  expect(redactSecrets('"api_key": "a b c d", "n": 1')).toBe(`"api_key": "${REDACTED}", "n": 1`);
});

test('a private key that is cut off is hidden as far as it goes', () => {
  const body = Array.from({ length: 5 }, () => 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5').join('\n');
  expect(redactSecrets(`-----BEGIN RSA PRIVATE KEY-----\n${body}\n$ echo done`)).toBe(`${REDACTED}\n$ echo done`);
});

test('base64 that holds a secret is hidden whole, also over lines as `base64` wraps them', () => {
  const key = `# deploy\nGITHUB_TOKEN=${'a1B2'.repeat(30)}\n`;
  const encoded = btoa(key).replaceAll(/.{76}/g, '$&\n');
  expect(encoded.split('\n').length).toBeGreaterThan(2);
  for (const text of [encoded, encoded.replaceAll('\n', '\r\n')])
    expect(redactSecrets(`$ base64 .env\n${text}\n$ done`)).toBe(`$ base64 .env\n${REDACTED}\n$ done`);
  expect(redactSecrets(`see https://example.com/a?q=${btoa('sk-ant-api03-abcdefghijklmnop')}`)).not.toContain('c2st');
});

test('base64 of ordinary things stays', () => {
  for (const text of [
    btoa('a quiet text without anything to hide'),
    '9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d',
    'apps/api/src/routes/complete',
  ])
    expect(redactSecrets(`x ${text} y`)).toBe(`x ${text} y`);
});

test('lines of a transcript lose their secrets and nothing else', () => {
  const planted = plantedSecrets(200);
  const lines = planted.map(({ printed }, index) => ({
    type: 'assistant',
    message: {
      role: 'assistant',
      usage: { input_tokens: index, output_tokens: 7 },
      content: [
        { type: 'text', text: `I saw ${printed} there` },
        { type: 'tool_use', id: 'toolu_01', name: 'Bash', input: { command: `cat <<'E'\n${printed}\nE` } },
        { type: 'tool_result', content: [{ type: 'text', text: JSON.stringify({ out: printed }) }] },
      ],
    },
  }));
  const clean = lines.map((line) => JSON.stringify(redactJson(line)));
  expect(planted.filter(({ secret }, index) => clean[index]?.includes(secret))).toEqual([]);
  expect(redactJson(lines[3])).toMatchObject({
    type: 'assistant',
    message: {
      role: 'assistant',
      usage: { input_tokens: 3, output_tokens: 7 },
      content: [{ type: 'text' }, { name: 'Bash' }, {}],
    },
  });
});

test('under a name that says so everything is a secret', () => {
  expect(
    redactJson({
      password: 'abc',
      api_key: 'x y',
      token: 'z',
      accessToken: 'q',
      tokens: 12,
      note: 'word',
      list: [{ secret: 's' }, null],
    }),
  ).toEqual({
    password: REDACTED,
    api_key: REDACTED,
    token: REDACTED,
    accessToken: REDACTED,
    tokens: 12,
    note: 'word',
    list: [{ secret: REDACTED }, null],
  });
});

test('hostile text costs no time', async () => {
  const pieces = [
    '-----BEGIN PRIVATE KEY-----\n',
    'PASSWORD',
    'a://',
    'eyJ',
    'token = ',
    '--secret',
    'password\\\\\\\\":\\\\"',
    `${'QUJD'.repeat(19)}\n`,
    'x'.repeat(300),
    ' '.repeat(300),
  ];
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(256_000 / piece.length));
    // far above what it takes, far below what work that grows with the square would
    expect(await cpuMs(() => redactSecrets(text))).toBeLessThan(10_000);
  }
});

test('spans come out in order and apart', () => {
  const span = fc.tuple(fc.nat(100), fc.nat(20)).map(([from, length]) => [from, from + length] as const);
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const merged = mergeSpans(spans);
      expect(merged.every(([from, to], index) => from < to && from > (merged[index - 1]?.[1] ?? -1))).toBe(true);
      const covers = (list: readonly (readonly [number, number])[], at: number) =>
        list.some(([from, to]) => from <= at && at < to);
      for (let at = 0; at <= 120; at++) expect(covers(merged, at)).toBe(covers(spans, at));
    }),
  );
});
