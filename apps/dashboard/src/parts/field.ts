/** The look of whatever one writes or chooses in. 16 px on a phone, where a smaller field makes the page zoom. */
export const FIELD =
  'min-h-9 w-full rounded-md border border-line bg-surface px-3 py-1.5 text-sm text-ink touch:min-h-11 touch:text-base';
