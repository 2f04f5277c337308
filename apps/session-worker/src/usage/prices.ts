/** US dollars for a million tokens that are read. What is written costs five times as much, in every family. */
const READ: readonly (readonly [family: string, usd: number])[] = [
  ['haiku', 0.1],
  ['sonnet', 2],
  ['opus', 4],
  ['fable', 8],
];
/** A model that we do not know counts as the dearest: a limit on money is better met early than late. */
const DEAREST = Math.max(...READ.map(([, usd]) => usd));

const SHARES = {
  input_tokens: 1,
  output_tokens: 5,
  cache_creation_input_tokens: 1.25,
  cache_read_input_tokens: 0.1,
} as const;
export type TokenCounts = Readonly<Record<keyof typeof SHARES, number>>;

/** What Claude Code 2.1.329 itself reckons, list prices; it puts this right whenever it says what was spent. */
export function estimateUsd(model: string, counts: TokenCounts): number {
  const usd = READ.find(([family]) => model.includes(family))?.[1] ?? DEAREST;
  const shares = Object.entries(SHARES) as [keyof typeof SHARES, number][]; // its own keys, which TypeScript widens
  return (usd * shares.reduce((sum, [kind, share]) => sum + share * counts[kind], 0)) / 1e6;
}
