import { expect, test } from 'vitest';
import { cpuMs } from '../testing/cpu-ms.ts';
import { htmlToMarkdown } from './html-markdown.ts';

test('paragraphs, headings, lists and entities become Markdown', () => {
  const html = '<p>Fix &amp; test</p><ul><li>one</li><li>two</li></ul><h2>Why</h2><p>a<br>b</p>';
  expect(htmlToMarkdown(html)).toBe('Fix & test\n\n- one\n- two\n\n## Why\n\na\nb');
});

test('links keep their address, pictures and scripts vanish', () => {
  const html = '<p><a href="https://x.io/a">here</a><img src="x.png"><script>evil()</script></p>';
  expect(htmlToMarkdown(html)).toBe('[here](https://x.io/a)');
});

test('what is strong, emphasised or code is marked, and an address that is its own text stands alone', () => {
  const html = '<p><b>now</b> <em>or</em> <code>never</code> <a href="https://x.io/">https://x.io/</a> <a>no</a></p>';
  expect(htmlToMarkdown(html)).toBe('**now** *or* `never` https://x.io/ no');
});

test.each(['', '<p></p>', '   '])('%j has no text', (html) => {
  expect(htmlToMarkdown(html)).toBe('');
});

test('code keeps its line breaks', () => {
  expect(htmlToMarkdown('<pre><code>a\n  b</code></pre>')).toBe('```\na\n  b\n```');
});

test('a hostile depth is cut instead of overflowing the stack', () => {
  const deep = `<p>before</p>${'<div>'.repeat(150_000)}deep`;
  expect(htmlToMarkdown(deep)).toMatch(/^before/);
});

test.each(['<', '<p>', '<b></i>', '&amp;', ' ', 'a\n', '<a href="', '<!--', '<table><tr><td>', '<ul><li>'])(
  'a megabyte of %j does not hold up the process',
  async (part) => {
    const text = part.repeat((1024 * 1024) / part.length);
    // far above what it takes, far below what work that grows with the square would
    expect(await cpuMs(() => htmlToMarkdown(text))).toBeLessThan(10_000);
  },
);

test('an endless description is cut at a megabyte', () => {
  expect(htmlToMarkdown(`<p>${'x'.repeat(3 * 1024 * 1024)}</p>`).length).toBeLessThanOrEqual(1024 * 1024);
});

test('NUL does not come through', () => {
  expect(htmlToMarkdown('<p>a\0b</p>')).not.toContain('\0');
});
