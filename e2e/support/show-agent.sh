#!/usr/bin/env bash
# The agent of the pictures in docs/: looks busy in colours, changes files, and completes, goes on or gives up as its ticket's title wants.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
prompt=${*: -1}
say() { printf '%b\n' "$1"; sleep "${2:-0.25}"; }

say "\033[1;38;5;208m✻ At work on $PCO_TICKET\033[0m"
say "\033[2m  branch $(git branch --show-current)\033[0m"
say ""
say "\033[32m●\033[0m Reading \033[1msrc/invoice.ts\033[0m and its tests" 0.4
say "\033[32m●\033[0m Found it: halves are cut off in \033[1mtotal()\033[0m" 0.4
if [[ $prompt == *'keeps failing'* ]]; then
  say "\033[31m●\033[0m npm ci: the registry answers 403" 0.3
  exit 1
fi
mkdir -p src
cat >src/invoice.ts <<'CODE'
/** Sum of the lines in cents; halves are rounded up. */
export const total = (lines: readonly { cents: number }[]): number =>
  lines.reduce((sum, { cents }) => sum + Math.round(cents), 0);
CODE
cat >src/invoice.test.ts <<'CODE'
test('half cents are rounded up', () => {
  expect(total([{ cents: 10.5 }])).toBe(11);
});
CODE
say "\033[32m●\033[0m Edited 2 files" 0.4
git add src && git -c user.name=agent -c user.email=agent@example.com commit -qm "Round half cents up"
say "\033[2m  ✓ 214 tests passed\033[0m" 0.4
if [[ $prompt == *'dark mode'* ]]; then
  for ((at = 1; at < 2000; at++)); do say "\033[2m  watching… $at\033[0m" 3; done
fi
complete-ticket "$PCO_TICKET" "Half cents are rounded up now, in the sum and in every line.
- src/invoice.ts: one place rounds
- src/invoice.test.ts: the case of the report"
exec sleep 600
