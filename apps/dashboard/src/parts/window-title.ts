let title = '';
let count = 0;

const show = (): void => {
  document.title = count > 0 ? `(${count}) ${title}` : title;
};

/** What the window is called: the page names itself, … */
export function nameWindow(given: string): void {
  title = given;
  show();
}

/** … and how much waits stands before it on every page, … */
export function countInWindow(given: number): void {
  count = given;
  show();
}

/** … and in its icon: … */
export function countInIcon(given: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (icon) icon.href = given > 0 ? countedIcon(given) : PLAIN_ICON;
}

const PLAIN_ICON = '/dashboard/favicon.svg';

/** … what `public/favicon.svg` shows, with the number over it. */
function countedIcon(given: number): string {
  const told = given > 99 ? '99' : String(given);
  return `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4f46e5"/>' +
      '<path d="M18 5 8 18h6l-1 9 11-14h-7z" fill="#fff"/><circle cx="21" cy="21" r="11" fill="#b3261e"/>' +
      `<text x="21" y="26.5" font-family="sans-serif" font-size="15" font-weight="bold" text-anchor="middle" fill="#fff">${told}</text></svg>`,
  )}`;
}
