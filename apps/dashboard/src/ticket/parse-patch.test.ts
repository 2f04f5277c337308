import { expect, test } from 'vitest';
import { parsePatch } from './parse-patch.ts';

const PATCH = `diff --git a/sum.ts b/sum.ts
index 83db48f..bf2a5a1 100644
--- a/sum.ts
+++ b/sum.ts
@@ -1,3 +1,4 @@ export function sum() {
 one
--- two
+++ two
+three
 four
@@ -10 +11 @@
-last
\\ No newline at end of file
+last
`;

test('lines have the numbers of both sides, and what looks like a head inside a hunk is a line', () => {
  const told = parsePatch(PATCH).map(({ place, lines }) => [
    place,
    ...lines.map(({ kind, before, after, text }) => `${before ?? '-'} ${after ?? '-'} ${kind}: ${text}`),
  ]);
  expect(told).toEqual([
    [
      '@@ -1,3 +1,4 @@ export function sum() {',
      ...['1 1 same: one', '2 - removed: -- two', '- 2 added: ++ two', '- 3 added: three', '3 4 same: four'],
    ],
    ['@@ -10 +11 @@', ...['10 - removed: last', '- - note: No newline at end of file', '- 11 added: last']],
  ]);
});

test('what is no patch has no hunks', () => {
  expect(parsePatch('')).toEqual([]);
  expect(parsePatch('Binary files differ')).toEqual([]);
});
