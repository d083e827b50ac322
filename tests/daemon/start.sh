#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Starting, starting twice, stale sockets, and ending.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"

# When the parent has returned, the sockets answer.
start --log-file "$tmp/log"
ask >"$tmp/out"
said out "^pid $pid\$"
[ "$(stat -c %a "$sockets")" = 700 ] || die "the directory is not private"
for name in rmmd.sock control.sock; do
	[ "$(stat -c %a "$sockets/$name")" = 600 ] || die "$name is not 0600"
done

# A second start names the first, and does not disturb it.
expect 1 "$rmmd"
said err "rmmd.sock is served by process $pid already"
expect 1 "$rmmd" --foreground
said err "process $pid"
expect 1 "$rmmd" --socket "$tmp/other.sock" --control "$sockets/control.sock"
said err "control.sock is served by process $pid"
absent "$tmp/other.sock" || die "a failed start leaves its socket"
absent "$tmp/other.sock.lock" || die "a failed start leaves its lock"
ask >"$tmp/out"
said out "^pid $pid\$"

# SIGHUP: the log may be moved away.
mv "$tmp/log" "$tmp/log.old"
kill -HUP "$pid"
await test -s "$tmp/log"

# SIGTERM: nothing stays.
kill "$pid"
await gone "$pid"
for file in "$sockets/rmmd.sock" "$sockets/control.sock" \
	"$sockets/rmmd.sock.lock" "$sockets/control.sock.lock" "$tmp/pid"; do
	absent "$file" || die "$file is left behind"
done

# SIGKILL: everything stays, and the next start replaces it.
start
kill -9 "$pid"
await gone "$pid"
[ -S "$sockets/rmmd.sock" ] || die "there is no stale socket to replace"
start
ask >"$tmp/out"
said out "^pid $pid\$"

# Whoever replaced our socket keeps his.
mv "$sockets/rmmd.sock" "$tmp/mine"
: >"$sockets/rmmd.sock"
kill "$pid"
await gone "$pid"
[ -f "$sockets/rmmd.sock" ] || die "a file of somebody else was removed"

# What is no socket is not replaced.
expect 1 "$rmmd"
said err "rmmd.sock exists and is no socket"
rm "$sockets/rmmd.sock"

# A start that fails says so before the parent returns.
expect 1 "$rmmd" --pid-file "$tmp/nowhere/pid"
said err "cannot write the pid file $tmp/nowhere/pid"
absent "$sockets/rmmd.sock" || die "a failed start leaves its socket"
expect 1 "$rmmd" --log-file "$tmp/nowhere/log"
said err "cannot open the log file $tmp/nowhere/log"
expect 1 "$rmmd" --bank 0x1001,4K
expect 1 "$rmmd" --bank 0,1G --bank 4K,1G
expect 1 "$rmmd" --socket "$tmp/one" --control "$tmp/one"
said err "they are two"
long=$(printf '%0120d' 0)
expect 1 "$rmmd" --socket "$tmp/$long"
said err "too long"

# A directory that others may write to is not used.
chmod 777 "$sockets"
expect 1 "$rmmd"
said err "mode 0700"
chmod 700 "$sockets"

# Relative paths are those of the directory rmmd was started in.
cd "$tmp"
start --socket a.sock --control b.sock
RMMD_SOCKET=$tmp/a.sock RMMD_CONTROL=$tmp/b.sock "$probe" >"$tmp/out"
said out "^pid $pid\$"
kill "$pid"
await gone "$pid"

# In the foreground, SIGINT ends it with success.
"$rmmd" --foreground 2>"$tmp/err" &
pid=$!
started="$started $pid"
await test -S "$sockets/control.sock"
kill -TERM "$pid"
wait "$pid" || die "SIGTERM is no success"
said err ' info rmmd .* serves '

# What the user's shell has open, the daemon lets go: else this would hang.
{
	expect 0 "$rmmd" --pid-file "$tmp/pid" --socket "$tmp/fd.sock" \
		--control "$tmp/fd2.sock"
	pid=$(cat "$tmp/pid")
	started="$started $pid"
} 9>&1 | cat >"$tmp/out"
pid=$(cat "$tmp/pid")
kill "$pid"
await gone "$pid"

# Other users are told so, if they get as far as that.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$tmp"
	start --log-file "$tmp/log" --socket "$tmp/x.sock" \
		--control "$tmp/y.sock"
	chmod 666 "$tmp/x.sock"
	if RMMD_SOCKET=$tmp/x.sock RMMD_CONTROL=$tmp/x.sock \
		setpriv --reuid 65534 --clear-groups \
		"$probe" >"$tmp/out" 2>&1; then
		die "another user was served"
	fi
	grep -q 'serves user 0 and root, and not user 65534' "$tmp/log" ||
		setpriv --reuid 65534 --clear-groups test ! -x "$probe" ||
		die "another user was not told why"
	kill "$pid"
	await gone "$pid"
fi
