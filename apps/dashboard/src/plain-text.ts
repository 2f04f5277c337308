const BLOCKS = 'p, div, li, br, h1, h2, h3, h4, h5, h6, pre, blockquote, tr';

/** The words of a description that Plane keeps as HTML. The document is inert: nothing of it runs or is loaded (B-187). */
export function plainText(html: string): string {
  const inert = new DOMParser().parseFromString(html, 'text/html');
  for (const element of inert.querySelectorAll('script, style')) element.remove();
  for (const block of inert.querySelectorAll(BLOCKS)) block.after('\n');
  return inert.body.textContent.replaceAll(/\n{3,}/g, '\n\n').trim();
}
