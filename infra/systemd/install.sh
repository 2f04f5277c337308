#!/bin/bash
# Sets up the services on a plain host with systemd, and takes them away again. `install.sh --help` says how.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: sudo infra/systemd/install.sh [options]

Copies this checkout to /opt/pco/releases/<version>, installs its packages from the lockfile, makes the user pco, secrets
and folders, and starts all services. Run again, it upgrades; configuration, secrets and state are never written over.

  --config FILE        the configuration, for example from npm run init; its plane token is taken along
  --plane-token FILE   the token of Plane, if it is not named in the configuration
  --redis-url-file F   a file with the URL of a Redis of yours; without it an own one is set up
  --modules DIR        a node_modules from the same package-lock.json, for a host that reaches no registry
  --repository DIR     a repository outside /var/lib/pco in which agents may work; as often as needed
  --no-start           set everything up, start nothing
  --dry-run            only say what would be done
  --undo               stop and remove services, units and programs; state, configuration and backups stay
  --purge              with --undo: those too, and the user. There is no way back
  --root DIR           write below DIR and leave the running system alone: no user, no systemctl
  --help               this text
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
root='' config='' plane_token='' redis_url_file='' modules='' start=1 dry='' undo='' purge=''
repositories=()

fail() { echo "install.sh: $*" >&2; exit 1; }
value() { [[ $# -ge 2 && -n $2 ]] || { echo "install.sh: $1 needs a value" >&2; usage >&2; exit 2; }; }

while (($#)); do
  case $1 in
    --config) value "$@"; config=$(realpath -e "$2") || exit 1; shift ;;
    --plane-token) value "$@"; plane_token=$(realpath -e "$2") || exit 1; shift ;;
    --redis-url-file) value "$@"; redis_url_file=$(realpath -e "$2") || exit 1; shift ;;
    --modules) value "$@"; modules=$(realpath -e "$2") || exit 1; shift ;;
    --repository) value "$@"; repositories+=("$(realpath -e "$2")") || exit 1; shift ;;
    --root) value "$@"; mkdir -p "$2"; root=$(realpath -e "$2"); shift ;;
    --no-start) start='' ;;
    --dry-run) dry=1 ;;
    --undo) undo=1 ;;
    --purge) purge=1 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
for repository in "${repositories[@]}"; do
  case $repository in /home/* | /root/*) fail "$repository: services see nothing below /home; move it, for example to /srv/repos" ;; esac
done
[[ -z $purge || -n $undo ]] || fail '--purge goes with --undo'

etc=$root/etc/pco secrets=$root/etc/pco/secrets units=$root/etc/systemd/system
opt=$root/opt/pco state=$root/var/lib/pco backups=$root/var/backups/pco
services=(pco-api pco-poller pco-plane-writer pco-session-worker pco-tmux-session-service)
files=(pco.target pco-redis.service pco-agents.service pco-backup.service pco-backup.timer "${services[@]/%/.service}")

run() { # what changes something goes through here
  if [[ -n $dry ]]; then printf '%q ' "$@"; echo; else "$@"; fi
}
system() { # what is about the running system, and not about files
  if [[ -n $root ]]; then return; fi
  run "$@"
}
owned() { # owner mode dir...
  local owner=$1 mode=$2
  shift 2
  if [[ -n $root ]]; then run install -d -m "$mode" "$@"; else run install -d -o "${owner%:*}" -g "${owner#*:}" -m "$mode" "$@"; fi
}
secret() { # name, content on stdin; an old one stays
  local file=$secrets/$1
  if [[ -e $file ]]; then cat >/dev/null; return; fi
  if [[ -n $dry ]]; then echo "write $file"; cat >/dev/null; return; fi
  (umask 077 && cat >"$file.new" && mv "$file.new" "$file")
}
random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# --- taking it away --------------------------------------------------------------------------------------------

if [[ -n $undo ]]; then
  [[ -n $root || -n $dry || $EUID == 0 ]] || fail 'run it as root: sudo infra/systemd/install.sh --undo'
  system systemctl disable --now --quiet pco-backup.timer pco.target pco-redis.service 2>/dev/null || true
  system systemctl stop --quiet "${services[@]}" pco-redis.service pco-agents.service 2>/dev/null || true
  for file in "${files[@]}"; do run rm -rf "$units/$file" "$units/$file.d"; done
  run rm -rf "$opt"
  system rm -rf /var/cache/pco
  system systemctl daemon-reload
  if [[ -n $purge ]]; then
    run rm -rf "$etc" "$state" "$root/var/lib/pco-redis" "$backups"
    [[ -n $root ]] || ! getent passwd pco >/dev/null || system userdel pco
    echo 'removed, with everything that it knew'
  else
    echo "removed. Kept: $etc, $state, $root/var/lib/pco-redis, $backups and the user pco; --undo --purge removes them"
  fi
  exit 0
fi

# --- what must be there ----------------------------------------------------------------------------------------

[[ -n $root || -n $dry || $EUID == 0 ]] || fail 'run it as root: sudo infra/systemd/install.sh'
need() { command -v "$1" || fail "$1 is missing; install it, for example: apt-get install $2"; }
tmux=$(need tmux tmux)
need git git >/dev/null
need npm npm >/dev/null
node=$(need node nodejs)
(($("$node" -p 'process.versions.node.split(".")[0]') >= 20)) || fail "Node 20 or newer is needed; this is $("$node" --version)"
[[ -n $root ]] || command -v systemctl >/dev/null || fail 'there is no systemd here; npm start runs everything without it'
redis_server=''
if [[ -z $redis_url_file && ! -e $secrets/redis-url || -e $secrets/redis.conf ]]; then
  redis_server=$(command -v redis-server || command -v valkey-server) ||
    fail 'redis-server is missing; install it (apt-get install redis-server), or name yours: --redis-url-file FILE'
fi
version=$("$node" -p 'require(process.argv[1]).version' "$source/package.json")
revision=$(git -C "$source" -c safe.directory="$source" rev-parse --short HEAD 2>/dev/null || date -u +%Y%m%d%H%M%S)
release=/opt/pco/releases/$version-$revision

# --- user, folders, secrets ------------------------------------------------------------------------------------

if [[ -z $root ]] && ! getent passwd pco >/dev/null; then
  run useradd --system --user-group --home-dir /var/lib/pco/home --no-create-home --shell /bin/bash pco
fi
owned root:pco 0750 "$etc"
owned root:root 0700 "$secrets"
owned root:root 0755 "$opt" "$opt/releases" "$units"
owned pco:pco 0700 "$state" "$state/home" "$state/repositories" "$backups"

if [[ ! -e $etc/config.yaml ]]; then
  run install -m 0640 "${config:-$source/config.example.yaml}" "$etc/config.yaml"
  [[ -n $root ]] || run chown root:pco "$etc/config.yaml"
elif [[ -n $config && $config != "$etc/config.yaml" ]]; then
  echo "kept: $etc/config.yaml (--config is for the first time)"
fi
if [[ -n $config && -z $plane_token ]]; then
  named=$(sed -n 's/^ *api_token_file: *["'\'']\{0,1\}\([^"'\''# ]*\).*/\1/p' "$config" | head -1)
  [[ -z $named ]] || plane_token=$(cd "$(dirname "$config")" && realpath -e "$named") || fail "$config names $named, which is not there"
fi
[[ -z $plane_token ]] || secret plane-token <"$plane_token"
[[ -z $redis_url_file ]] || secret redis-url <"$redis_url_file"
for name in api-token terminal-token worker-token; do random | secret "$name"; done
if [[ ! -e $secrets/redis-url ]]; then
  password=$(random)
  secret redis.conf <<CONF
$(cat "$source/infra/redis/redis.conf")
port 6390
requirepass $password
dir /var/lib/pco-redis
CONF
  secret redis-url <<<"redis://:$password@127.0.0.1:6390/0"
fi

# --- programs --------------------------------------------------------------------------------------------------

if [[ ! -e $root$release ]]; then
  partial=$root$release.partial
  run rm -rf "$partial"
  run mkdir -p "$partial"
  # what git knows is what belongs to a release; a checkout without git is taken as it is
  if [[ -n $dry ]]; then
    echo "copy $source to $partial and install its packages from package-lock.json"
  else
    if git -C "$source" -c safe.directory="$source" rev-parse --git-dir >/dev/null 2>&1; then
      git -C "$source" -c safe.directory="$source" archive HEAD | tar -x -C "$partial"
    else
      tar -C "$source" --exclude=./node_modules --exclude=./data --exclude=./logs --exclude=./.cache -c . | tar -x -C "$partial"
    fi
    if [[ -n $modules ]]; then
      cp -al "$modules" "$partial/node_modules" 2>/dev/null || { rm -rf "$partial/node_modules" && cp -a "$modules" "$partial/node_modules"; }
    else
      (cd "$partial" && npm ci --no-audit --no-fund --loglevel=error --include=dev --include=optional)
    fi
    own=$partial/node_modules/.bin/node
    PATH=$partial/node_modules/.bin:$PATH "$([[ -x $own ]] && echo "$own" || echo "$node")" "$partial/apps/dashboard/src/build.ts"
    mv "$partial" "$root$release"
  fi
fi
run ln -sfn "$release" "$opt/current"
# the three newest stay, to go back to
old=$(find "$opt/releases" -mindepth 1 -maxdepth 1 -type d ! -path "$root$release" -printf '%T@ %p\n' 2>/dev/null | sort -rn | tail -n +3 | cut -d' ' -f2- || true)
while read -r dir; do [[ -z $dir ]] || run rm -rf "$dir"; done <<<"$old"

# --- units -----------------------------------------------------------------------------------------------------

node_of_units=/opt/pco/current/node_modules/.bin/node
if [[ -z $dry && ! -x $root$release/node_modules/.bin/node ]]; then
  (($("$node" -p 'process.versions.node.split(".")[0]') >= 24)) || fail 'the packages bring no Node for this machine; install Node 24 or newer'
  node_of_units=$node
fi
for file in "${files[@]}"; do
  [[ $file != pco-redis.service || -n $redis_server ]] || continue
  if [[ -n $dry ]]; then echo "write $units/$file"; continue; fi
  sed -e "s|@NODE@|$node_of_units|" -e "s|@TMUX@|$tmux|" -e "s|@REDIS_SERVER@|$redis_server|" "$here/$file" >"$units/$file"
  chmod 0644 "$units/$file"
done
drop_in() { # unit, name, lines on stdin
  if [[ -n $dry ]]; then echo "write $units/$1.service.d/$2.conf"; cat >/dev/null; return; fi
  mkdir -p "$units/$1.service.d"
  cat >"$units/$1.service.d/$2.conf"
}
if ((${#repositories[@]})); then
  for unit in pco-agents pco-session-worker pco-backup; do
    { echo '[Service]'; printf 'ReadWritePaths=%s\n' "${repositories[@]}"; } | drop_in "$unit" repositories
  done
fi
if [[ -e $secrets/webhook-secrets ]]; then
  for unit in pco-api pco-poller; do
    printf '%s\n' '[Service]' LoadCredential=webhook-secrets:/etc/pco/secrets/webhook-secrets \
      "Environment=PCO_WEBHOOKS_SECRETS_FILE=/run/credentials/%n/webhook-secrets" | drop_in "$unit" webhooks
  done
fi

system systemctl daemon-reload
[[ -z $redis_server ]] || system systemctl enable --quiet pco-redis.service
system systemctl enable --quiet pco.target pco-backup.timer

# --- start -----------------------------------------------------------------------------------------------------

if [[ ! -e $secrets/plane-token && -z $dry ]]; then
  echo "Next: put the token of Plane into $secrets/plane-token (mode 600), edit $etc/config.yaml, and run install.sh again."
  exit 0
fi
if [[ -n $start && -z $root ]]; then
  run systemctl start pco-agents.service ${redis_server:+pco-redis.service}
  run systemctl restart "${services[@]}" # agents go on: they are pco-agents.service's
  run systemctl start pco.target pco-backup.timer
  echo 'started: systemctl status "pco-*", journalctl -u "pco-*" -f'
fi
echo "installed: $release. The api's token: $secrets/api-token. Log Claude Code in: sudo -u pco -H claude"
