/** So many cards are loaded at a time. */
export const PAGE = 50;
