/**
 * The fixed part of the agent, in POSIX sh (dash, bash as sh, busybox ash). Kept short: `dd` reads it byte by byte.
 *
 * - Output leaves in whole lines of less than PIPE_BUF (4096) bytes per write, so that replies and pushed lines never cut
 *   each other; a longer line is sent in pieces, the tag of all but the last in lower case.
 * - `me` is what `id` says; `sudo` is only a real sudo where the user is not root and may not read the thing himself: each call
 *   leaves lines in the node's auth log. For the same reason the dumper travels by stdin, not as an argument.
 * - `lead` is set where the agent leads its own process group, as under OpenSSH's sshd. Only there are streams started and is
 *   `kill 0` used: elsewhere (dropbear) the group is not ours alone.
 * - A blank line would be lost where output is split into lines; between two units of systemd it is what tells them apart, and
 *   goes as a space.
 * - The lease ends the agent when nothing was asked of it for one to two minutes: a laptop that vanished closes nothing.
 */
export const PRELUDE = String.raw`LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH
nl='
' IFS='
' buf= lead= log=; set -f
me=$(id 2>/dev/null)
IFS=' ' read -r q q q q g q </proc/$$/stat && [ "$g" = $$ ] && lead=1
now() { t=${'$'}{EPOCHREALTIME-}; [ "$t" ] || t=$(date +%s.%N); }
flush() { [ -z "$buf" ] || printf %s "$buf"; buf=; }
put() { [ $((${'$'}{#buf}+${'$'}{#1})) -lt 3900 ] || flush; buf=$buf$1$nl; }
send() {
while [ ${'$'}{#l} -gt 3000 ]; do
h=$(printf %.3000s "$l"); [ "$h" ] || break
put "$2 $h"; l=${'$'}{l#"$h"}
done
put "$1 $l"
}
run() {
k=$1; shift
o=$("$@" 2>&1 </dev/null); r=$?
case $1 in
file_tail) log=$o;;
systemctl) while :; do case $o in *"$nl$nl"*) o="${'$'}{o%%"$nl$nl"*}$nl $nl${'$'}{o#*"$nl$nl"}";; *) break; esac; done
esac
for l in $o; do
case $l in *auth_pass*'}'*) l="${'$'}{l%%auth_pass*}auth_pass - }";; *auth_pass*) l="${'$'}{l%%auth_pass*}auth_pass -"; esac
send "S $id $k" "s $id $k"
done
put "R $id $k $r"; flush
}
reply() {
now; u=; IFS=' ' read -r u q </proc/uptime
put "T $id $t $u"; flush
op_$op
put "E $id"; flush
}
op_ping() { :; }
follow() {
[ "$lead" ] || { put "$1 the agent does not lead its process group: nothing is pushed from here"; put "X $1 125"; flush; return; }
{
case $1 in L) exec 2>/dev/null;; *) exec 2>&1; esac
shift; "$@" </dev/null & p=$!
[ $1 != sudo ] || trap 'kill $p || [ ! -d /proc/$p ] || command sudo -n kill $p' TERM
wait $p; printf '\n%s' $?
} | {
s=$1; case $s in A) w=a;; J) w=j;; *) w=l; esac
while IFS= read -r l; do [ -z "$l" ] || { send $s $w; flush; }; done
put "X $s $l"; flush
} &
}
bye() { trap '' TERM; [ -z "$lead" ] || kill 0; exit; }
trap bye HUP INT TERM PIPE
sudo() {
shift
case $me:$1 in
uid=0\(*|*'(adm)'*:journalctl|*'(systemd-journal)'*:journalctl) "$@"; return;;
*:head) [ ! -r "$4" ] || { "$@"; return; };;
*:find) [ ! -r "$2" ] || { "$@"; return; }; command sudo -n "$@" | head -c 131072; return
esac
command sudo -n "$@"
}
tail() { case $1$2 in -n0-s) command tail "$@" || { shift 3; command tail -n0 "$@"; };; *) command tail "$@"; esac; }
find() { command find "$@" | head -c 131072; }
file_tail() {
if [ -f "$1" ] && [ -r "$1" ]; then
n=$(($2*400)); m=$(stat -c '%s %Y' -- "$1")
case $log in "$m$nl"*) printf '%s\n' "$log"; return; esac
o=$(command tail -c $n -- "$1")
[ "${'$'}{m% *}" -le $n ] || o=${'$'}{o#*"$nl"}
echo "$m"; printf '%s\n' "$o"; return
fi
o=$({ : <"$1"; } 2>&1); echo "$1: ${'$'}{o##*: }"
case $o in *ermission*) return 13; esac
return 2
}
keepalived_dump() { printf %s "$dumper" | { case $2 in sudo) sudo -n /bin/sh -s "$1";; *) /bin/sh -s "$1"; esac; }; }
`;

/** Before anything is pushed: what comes earlier is taken for a banner. */
export const HELLO = String.raw`now; printf 'H %s 1\n' "$t"`;

/** Keeps the lease, answers requests until stdin ends, and takes the whole group along. Dumps run beside snapshots. */
export const MAIN = `[ -z "$lead" ] || { while sleep 60; do IFS=' ' read -r q n </proc/$$/io || break; [ "$n" != "$v" ] || kill 0; v=$n; done; } >/dev/null 2>&1 &
while IFS=' ' read -r op id; do
case $op in snap|ping) reply;; dump|conf) reply & ;; quit) break; esac
done
bye
`;
