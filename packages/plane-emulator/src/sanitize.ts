import { badField } from './refusal.ts';

const DROPPED = /<(script|style|iframe|object)\b[\s\S]*?(<\/\1\s*>|$)|<!--[\s\S]*?(-->|$)/gi;
const HANDLERS = /\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;

/** A small stand-in for Plane's sanitiser: what is read back may differ from what was sent. */
export function sanitizeDescription(html: string): string {
  if (html === '') throw badField('description_html', 'This field may not be blank.');
  return html.replace(DROPPED, '').replace(HANDLERS, '');
}
