#!/usr/bin/env bash
# Attaches to the session of a project, and creates it with these windows where there is none.
#   tmux-project.sh NAME [--windows=shell,editor,logs] [--dir=PATH] [--register]
# --register tells the service of it, as made by a person. Variables as for attach-session.sh.
set -u

usage() {
  sed -n '3p' "$0" | sed 's/^#  */usage: /' >&2
  exit 2
}

name='' windows=shell,editor,logs dir=$PWD register=
for argument in "$@"; do
  case $argument in
    --windows=*) windows=${argument#*=} ;;
    --dir=*) dir=${argument#*=} ;;
    --register) register=yes ;;
    -*) usage ;;
    *) [[ -z $name ]] || usage; name=$argument ;;
  esac
done
[[ $name =~ ^[A-Za-z0-9_-]{1,64}$ && $windows =~ ^[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*$ ]] || usage
[[ -d $dir ]] || { echo "$dir is no folder" >&2; exit 2; }
dir=$(cd "$dir" && pwd)

unset TMUX
tmux=(tmux -u -L "${PCO_TMUX_SOCKET:-pco}")
if ! "${tmux[@]}" has-session -t "=$name:" 2>/dev/null; then
  IFS=, read -r -a names <<<"$windows"
  "${tmux[@]}" new-session -d -s "$name" -n "${names[0]}" -c "$dir" || exit 1
  for window in "${names[@]:1}"; do "${tmux[@]}" new-window -d -t "=$name:" -n "$window" -c "$dir"; done
fi
if [[ -n $register ]]; then
  curl -fsS -m 5 -o /dev/null -X PUT -H 'content-type: application/json' -H @- \
    -d "{\"projectId\":\"$name\",\"source\":\"ssh\"}" "${SESSION_SERVICE_URL:-http://127.0.0.1:5001}/sessions/$name" \
    <<<"authorization: Bearer ${PCO_TMUX_SESSION_SERVICE_TOKEN:-none}" ||
    echo "warning: the service did not take the session $name" >&2
fi
exec "${tmux[@]}" attach-session -t "=$name:"
