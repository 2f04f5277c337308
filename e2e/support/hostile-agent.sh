#!/usr/bin/env bash
# An agent that does what hostile text could make of it: for e2e/hostile.e2e.test.ts. It takes the prompt as it is, prints
# what reaches out of a terminal, and leaves files and a branch with names that a careless program would run.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
printf '%s' "${*: -1}" >"$PCO_SESSION_DIR/prompt-received"
printf '\033]0;#(touch pwned) $(touch pwned)\007\033]2;#{pane_id}#(touch pwned)\007\033k#(touch pwned)\033\\'
printf '\033]52;c;cHduZWQ=\007\033]8;;javascript:alert(1)\007link\033]8;;\007\033[21t\033[6n'
for name in '$(touch pwned)' '`touch pwned`' ';touch pwned;' '#(touch pwned)' $'new\nline' $'\033[2Jclear' '-rf' '--force' '語🙂'; do
  printf 'x\n' >"./$name"
done
mkdir -p -- './#{session_name}' && printf 'x\n' >'./#{session_name}/#(touch pwned)'
git checkout -q -b "evil-$PCO_TICKET-\$(touch\${IFS}pwned);<b>&'x'"
git add -A -- . && git -c user.name='$(touch pwned)' -c user.email='<script>@example.com' commit -qm '$(touch pwned) #(touch pwned) <script>'
printf 'y\n' >'./uncommitted $(touch pwned)'
complete-ticket "$PCO_TICKET" "\$(touch pwned) \`touch pwned\` #(touch pwned) <img src=x onerror=alert(1)> $(printf '\033[2J') 語"
exec sleep 600
