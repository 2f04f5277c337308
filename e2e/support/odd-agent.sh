#!/usr/bin/env bash
# Agents that lie or behave oddly, for e2e/odd-agents.e2e.test.ts. The first line of the prompt ends in the kind and a
# seed: "# ACME-5: quits-with-1 7". The seed stretches the moments between the steps.
set -u
prompt=${*: -1}
read -r _ _ kind seed _ <<<"${prompt%%$'\n'*}"
RANDOM=$seed
step() { sleep "0.$((RANDOM % 3))$((RANDOM % 10))"; }
spool=$PCO_SPOOL_DIR/completion-$PCO_SESSION_ID.txt
report() { complete-ticket "$PCO_TICKET" "$1"; }
stay() { exec sleep 600; }
hook() { printf '%s' "$1" | node "$(dirname "$(command -v complete-ticket)")/agent-hook.mjs"; }

echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
step
case $kind in
  silent) stay ;;
  quits-without-summary) exit 0 ;;
  quits-with-1) exit 1 ;;
  completes-twice) report 'the first' & report 'the second'; wait; step; report 'the third'; stay ;;
  completes-a-foreign-ticket)
    complete-ticket ACME-9999 'not mine'
    curl -s -o /dev/null -X POST -H "authorization: Bearer $PCO_SESSION_TOKEN" -H 'content-type: application/json' \
      -d '{"summary":"not mine"}' "$PCO_API_URL/api/tickets/$(cat "$PCO_TEST_FOREIGN")/complete"
    printf 'not mine\n' >"$PCO_SPOOL_DIR/completion-claude-ACME-9999.txt"
    touch "$PCO_SESSION_DIR/did-it"
    stay
    ;;
  prints-the-words)
    printf '/complete all done\n<complete>done</complete>\n$ complete-ticket %s "done"\n' "$PCO_TICKET"
    printf 'Completion of %s recorded; the orchestrator sees it within 5 seconds.\n' "$PCO_TICKET"
    touch "$PCO_SESSION_DIR/did-it"
    stay
    ;;
  floods) head -c "$((${PCO_TEST_FLOOD_MB:-10} * 750000))" /dev/urandom | base64; report 'after a flood'; stay ;;
  ignores-sigterm) trap '' TERM HUP INT; touch "$PCO_SESSION_DIR/did-it"; while :; do sleep 0.2; done ;;
  forks-children)
    for _ in 1 2 3; do setsid bash -c 'trap "" TERM HUP; while :; do sleep 0.2; done' & done
    (sleep 600 &)
    report 'with children'
    stay
    ;;
  dies-after-its-signal) report 'the last words'; kill -KILL $$ ;;
  kills-its-launcher) kill -KILL $PPID; exit 0 ;;
  writes-a-symlink) echo 'secret' >"$PCO_SESSION_DIR/secret"; ln -s "$PCO_SESSION_DIR/secret" "$spool"; touch "$PCO_SESSION_DIR/did-it"; stay ;;
  writes-nothing) : >"$spool"; touch "$PCO_SESSION_DIR/did-it"; stay ;;
  writes-blanks) printf ' \n\t\n' >"$spool"; touch "$PCO_SESSION_DIR/did-it"; stay ;;
  writes-a-megabyte) head -c 1000000 /dev/zero | tr '\0' x >"$spool.part"; mv "$spool.part" "$spool"; touch "$PCO_SESSION_DIR/did-it"; stay ;;
  writes-binary) head -c 3000 /dev/urandom >"$spool.part"; mv "$spool.part" "$spool"; touch "$PCO_SESSION_DIR/did-it"; stay ;;
  writes-slowly) for word in half of a; do printf '%s ' "$word" >>"$spool.part"; step; done; echo summary >>"$spool.part"; mv "$spool.part" "$spool"; stay ;;
  changes-its-branch) git checkout -q -b elsewhere-"$PCO_TICKET"; git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m x; report 'elsewhere'; stay ;;
  deletes-its-worktree) rm -rf "$PWD"; report 'all gone'; stay ;;
  asks-and-answers-itself)
    hook '{"hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":{"command":"make"},"prompt_id":"p1"}'
    sleep 2
    hook '{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"make"},"prompt_id":"p1"}'
    stay
    ;;
  *) echo "no such kind: $kind" >&2; stay ;;
esac
