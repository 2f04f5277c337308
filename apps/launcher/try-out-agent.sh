#!/bin/sh
# Stands in for a real agent in the try-out: does a visible bit of work in its worktree in about ten seconds, commits
# it and reports. The prompt is its last argument; PCO_TICKET names the ticket. It costs nothing and asks nobody.
set -eu
export GIT_PAGER=cat # a pager would wait for somebody to press q

say() {
  printf '\n\033[1m%s\033[0m\n' "$1"
  sleep "${2:-1}"
}

say "Agent (scripted) on $PCO_TICKET in $(pwd)"
say 'The task, as I was given it:' 0
for prompt in "$@"; do :; done
printf '%s\n' "${prompt:-}" | sed -n '1p;/<description>/,/<\/description>/p' | sed '/description>/d' | head -n 12
sleep 2

say 'Looking around:' 0
git log --oneline --max-count=3
ls
sleep 2

if [ "$PCO_TICKET" = DEMO-1 ] && grep -q 'Math.floor' src/invoice.js; then
  say 'src/invoice.js cuts off fractions of a cent. Rounding instead, with a test for it.'
  sed 's/Math\.floor/Math.round/' src/invoice.js >src/invoice.js.new
  mv src/invoice.js.new src/invoice.js
  cat >>test/invoice.test.js <<'TEST'

test('half a cent is rounded up, not cut off', () => {
  assert.equal(total([{ cents: 995, count: 1, discount: 10 }]), 896);
});
TEST
  message='Round invoice lines to the nearest cent'
  summary='Invoice lines are rounded to the nearest cent instead of cut off (src/invoice.js), with a test for half a cent.'
else
  say 'Writing down what I found.'
  mkdir -p docs
  printf '# %s\n\nLooked at by the scripted agent of the try-out.\n' "$PCO_TICKET" >"docs/$PCO_TICKET.md"
  message="Add notes on $PCO_TICKET"
  summary="Wrote docs/$PCO_TICKET.md. The scripted agent of the try-out can do no more; a real one would do the ticket."
fi
sleep 1
git --no-pager diff --stat
sleep 1

if command -v node >/dev/null 2>&1; then
  say 'Running the tests:' 0
  node --test 2>&1 | tail -n 8
  summary="$summary Tests pass (node --test)."
fi

git add --all
if ! git diff --cached --quiet; then
  git -c user.name='Scripted agent' -c user.email=agent@example.org -c commit.gpgsign=false \
    commit --quiet --no-verify --message "$PCO_TICKET: $message"
fi
say "Committed on $(git rev-parse --abbrev-ref HEAD):" 0
git log --oneline --max-count=1
sleep 1

say 'Done. Reporting.' 0
complete-ticket "$PCO_TICKET" "$summary"
