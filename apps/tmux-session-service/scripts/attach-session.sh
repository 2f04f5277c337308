#!/usr/bin/env bash
# Attaches to a session on this host, and creates it where there is none.
#   attach-session.sh [SESSION] [PROJECT]
# Without arguments from the variables arg, sessionId or terminalId, and projectId (what a web terminal passes on);
# without those a new name. Also: SESSION_SERVICE_URL (http://127.0.0.1:5001), SESSION_SHELL ($SHELL),
# PCO_TMUX_SESSION_SERVICE_TOKEN, PCO_TMUX_SOCKET (pco; "default" is your own tmux server).
set -u

session=${1:-${sessionId:-${terminalId:-${arg:-}}}}
project=${2:-${projectId:-}}
[[ -n $session ]] || session=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
if [[ ! $session =~ ^[A-Za-z0-9_-]{1,64}$ ]]; then
  echo 'a session has 1 to 64 letters, digits, - or _' >&2
  exit 2
fi
shell=${SESSION_SHELL:-${SHELL:-/bin/bash}}

# Text as a JSON string.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "$(tr -d '\000-\037' <<<"${text//\"/\\\"}")"
}

body="{\"command\":[$(quoted "$shell")],\"source\":\"ssh\""
[[ -z $project ]] || body+=",\"projectId\":$(quoted "$project")"
header=()
[[ -z ${PCO_TMUX_SESSION_SERVICE_TOKEN:-} ]] || header=(-H @-)
# The token comes on stdin: arguments can be read by everybody on the host.
curl -fsS -m 5 -o /dev/null -X PUT -H 'content-type: application/json' "${header[@]}" -d "$body}" \
  "${SESSION_SERVICE_URL:-http://127.0.0.1:5001}/sessions/$session" \
  <<<"authorization: Bearer ${PCO_TMUX_SESSION_SERVICE_TOKEN:-}" ||
  echo "warning: the service did not take the session $session; attaching all the same" >&2

unset TMUX
exec tmux -u -L "${PCO_TMUX_SOCKET:-pco}" new-session -A -s "$session" "$shell"
