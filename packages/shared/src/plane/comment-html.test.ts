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

test('control characters go, tabs stay', () => {
  expect(commentHtml('a\u0000b\u001b[31mc\td\u0085')).toBe(`<p>ab[31mc\td</p>${SIGNATURE}`);
});

test('whatever the summary is, only our own tags come out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (summary) => {
      const html = commentHtml(summary);
      expect(html.replaceAll(/<\/?p>/g, '')).not.toMatch(/[<>\0]/);
      expect(html.isWellFormed()).toBe(true);
      expect(html.endsWith(SIGNATURE)).toBe(true);
    }),
  );
});
