import { expect, test } from 'vitest';
import { htmlToText } from './html-text.ts';

test('paragraphs, lists and entities become readable text', () => {
  const html = '<p>Fix &amp; test</p><ul><li>one</li><li>two</li></ul><h2>Why</h2><p>a<br>b</p>';
  expect(htmlToText(html)).toBe('Fix & test\n\n * one\n * two\n\n\nWhy\n\na\nb');
});

test('links keep their address, pictures and scripts vanish', () => {
  const html = '<p><a href="https://x.io/a">here</a><img src="x.png"><script>evil()</script></p>';
  expect(htmlToText(html)).toBe('here [https://x.io/a]');
});

test.each(['', '<p></p>', '   '])('%j has no text', (html) => {
  expect(htmlToText(html)).toBe('');
});

test('code keeps its line breaks', () => {
  expect(htmlToText('<pre><code>a\n  b</code></pre>')).toBe('a\n  b');
});

test('a hostile depth is cut instead of overflowing the stack', () => {
  const deep = `<p>before</p>${'<div>'.repeat(150_000)}deep`;
  expect(htmlToText(deep)).toMatch(/^before/);
});

test.each(['<', '<p>', '<b></i>', '&amp;', ' ', 'a\n', '<a href="', '<!--', '<table><tr><td>', '<ul><li>'])(
  'a megabyte of %j does not hold up the process',
  (part) => {
    const startedMs = performance.now();
    htmlToText(part.repeat((1024 * 1024) / part.length));
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  },
);

test('an endless description is cut at a megabyte', () => {
  expect(htmlToText(`<p>${'x'.repeat(3 * 1024 * 1024)}</p>`).length).toBeLessThanOrEqual(1024 * 1024);
});

test('NUL does not come through', () => {
  expect(htmlToText('<p>a\0b</p>')).not.toContain('\0');
});
