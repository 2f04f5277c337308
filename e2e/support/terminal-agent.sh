#!/usr/bin/env bash
# An agent that does what is typed, for e2e/dashboard-terminals.e2e.test.ts. PCO_TEST_STARTS as in agent.sh.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"

# Prints what came, as one word of a shell, when a bracketed paste and Enter have come.
take_a_paste() {
  stty -echo -icanon
  printf '\033[?2004hwaits for a paste\n'
  local got='' char
  while [[ $got != *$'\033[201~\n' ]] && IFS= read -r -N1 char; do got+=$char; done
  printf '\033[?2004l'
  stty echo icanon
  printf 'pasted %q\n' "$got"
}

echo "The agent of $PCO_TICKET listens."
while IFS= read -r line; do
  read -r command amount name _ <<<"$line"
  case $command in
    count) for ((at = 1; at <= amount; at++)); do echo "line $at of $amount"; sleep 0.005; done ;;
    flood) seq -f 'number %08g of a flood that fills the screen of whoever looks at it' "$((amount * 14493))"; echo "the $name flood is over" ;;
    hostile)
      printf '\033]0;pwned\007\033]2;pwned\007\033]52;c;cHduZWQ=\007\033]8;;javascript:document.title=1\007link\033]8;;\007'
      printf '\033[21t\033[6n\033[c\033]10;?\007\033P$qm\033\\<img src=x onerror=document.title=1>\nnothing happened\n'
      ;;
    paste) take_a_paste ;;
    /complete) complete-ticket "$PCO_TICKET" "${line#* }" ;;
    *) echo "heard: $line" ;;
  esac
done
