import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commentHtml } from './comment-html.ts';

const SIGNATURE = '<p>🤖 This work was done with Claude Code assistance.</p>';

test('each line is a paragraph, blank ones in between are kept', () => {
  expect(commentHtml('\none\r\ntwo\n\nthree \n\n')).toBe(`<p>one</p><p>two</p><p></p><p>three</p>${SIGNATURE}`);
});

test('an empty summary leaves the signature', () => {
  expect(commentHtml(' \n\t')).toBe(SIGNATURE);
});

test('markup of the summary is shown, not obeyed', () => {
  const html = commentHtml(`<script>alert("1")</script> & it's`);
  expect(html).toBe(`<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; it&#39;s</p>${SIGNATURE}`);
});

test('lists, code and emphasis of simple Markdown are shown as such, everything in them escaped', () => {
  const summary = [
    '## What <changed>',
    '- the **login** & `a < b`',
    '* and more',
    '1. first',
    '2) second',
    '```ts',
    'if (a < b) {',
    '',
    '  "**x**"',
    '```',
    'See [here](javascript:alert(1)).',
  ].join('\n');
  expect(commentHtml(summary)).toBe(
    [
      '<p><strong>What &lt;changed&gt;</strong></p>',
      '<ul><li>the <strong>login</strong> &amp; <code>a &lt; b</code></li><li>and more</li></ul>',
      '<ol><li>first</li><li>second</li></ol>',
      '<pre><code>if (a &lt; b) {\n\n  &quot;**x**&quot;</code></pre>',
      '<p>See [here](javascript:alert(1)).</p>',
      SIGNATURE,
    ].join(''),
  );
});

test('a fence that nobody closes ends with the summary', () => {
  expect(commentHtml('one\n```\ntwo\nthree')).toBe(`<p>one</p><pre><code>two\nthree</code></pre>${SIGNATURE}`);
});

test('what is known of the work stands between summary and signature', () => {
  const facts = { durationMs: 754_000, attempt: 2, branch: 'pco/ACME-1', commits: 3, unpushed: 1, uncommitted: 2 };
  expect(commentHtml('Done', facts)).toBe(
    '<p>Done</p><p>Duration: 13 min · Attempts: 2 · Branch: pco/ACME-1 · Commits: 3 · Not pushed: 1 commit · ' +
      `Not committed: 2 files</p>${SIGNATURE}`,
  );
  const pushed = { branch: 'a"<b>', branchUrl: 'https://git.example.com/tree/a%22?x=1&y="' };
  expect(commentHtml('Done', { ...pushed, attempt: 1, unpushed: 0, uncommitted: 0 })).toBe(
    '<p>Done</p><p>Branch: <a href="https://git.example.com/tree/a%22?x=1&amp;y=&quot;">a&quot;&lt;b&gt;</a></p>' +
      SIGNATURE,
  );
  expect(commentHtml('Done', { durationMs: 400 })).toContain('<p>Duration: 1 s</p>');
  expect(commentHtml('Done', { durationMs: 7_500_000 })).toContain('<p>Duration: 2 h 5 min</p>');
});

test('a summary that would make a monstrous comment is shortened, and says so', () => {
  const html = commentHtml('&\n'.repeat(8_000), { attempt: 2 });
  expect(html.length).toBeLessThan(61_000);
  expect(html).toContain('the whole summary is in the ticket');
  expect(html).toContain('Attempts: 2');
  expect(html.endsWith(SIGNATURE)).toBe(true);
});

test('control characters go, tabs stay', () => {
  expect(commentHtml('a\u0000b\u001b[31mc\td\u0085')).toBe(`<p>ab[31mc\td</p>${SIGNATURE}`);
});

const OWN_TAGS = /<\/?(?:p|ul|ol|li|pre|code|strong)>|<a href="[^"<>]*">|<\/a>/g;
const anySummary = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom('- ', '1. ', '```', '`', '**', '# ', '<b>', '&', '"', "'", 'x', ' ', '\n', '\0'))
    .map((parts) => parts.join('')),
);

test('whatever the summary is, only our own tags come out', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      const html = commentHtml(summary, {
        branch: summary,
        branchUrl: encodeURI(`https://git.example.com/${summary.toWellFormed()}`),
      });
      expect(html.replaceAll(OWN_TAGS, '')).not.toMatch(/[<>\0]/);
      expect(html.isWellFormed()).toBe(true);
      expect(html.endsWith(SIGNATURE)).toBe(true);
    }),
  );
});
