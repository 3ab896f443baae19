/** Where keepalived writes its dumps (KA_TMP_DIR at its build; /tmp in every distribution we know). */
const DUMP_DIRECTORY = '/tmp';

/**
 * The sh text that makes keepalived write its own truth and prints it: JSON when this build can, else DATA, `---STATS---`, STATS.
 * Runs as root in one shell (one sudo call), `$1` is the unit. Passwords are taken out before anything leaves the node.
 * Exit status: 3 not running, 4 does not answer (frozen), 13 no right; the reason is printed.
 *
 * Signals go only to a process whose name is `keepalived`: a stale pid file must never cost somebody else's process its life.
 * A whole JSON dump ends in `]` and the only line break of the file; a DATA dump is whole when it has stopped growing.
 * `--signum` is asked first because a daemon without JSON support would ignore (2.x) or die of (1.3.5) SIGRTMIN+2.
 */
export const dumperText = (directory = DUMP_DIRECTORY): string =>
  String.raw`PATH=$PATH:/usr/sbin:/sbin nl='
'
fail() { echo "$1"; exit "$2"; }
mark() { stat -c '%i %y %s' "$1" 2>/dev/null || ls -li "$1" 2>/dev/null; }
ready() {
m=$(mark "$1"); [ "$m" ] && [ "$m" != "$2" ] || return 1
case $m in *' 0') return 1; esac
}
p=$(systemctl show -p MainPID "$1" 2>/dev/null); p=${'$'}{p#MainPID=}
for f in /run/keepalived.pid /run/keepalived/keepalived.pid /var/run/keepalived.pid; do
case $p in ''|0|*[!0-9]*) p=; [ -r $f ] && read -r p <$f; esac
done
c=; case $p in ''|*[!0-9]*) ;; *) read -r c </proc/$p/comm; esac 2>/dev/null
[ "$c" = keepalived ] || fail 'keepalived is not running' 3
d=/proc/$p/root${directory}; [ -d "$d/" ] || d=${directory}
j=$(keepalived --signum=JSON 2>/dev/null); case $j in ''|*[!0-9]*) j=; esac
if [ "$j" ]; then a=keepalived.json b=keepalived.json s=$j t=
else a=keepalived.data b=keepalived.stats s=USR1 t=USR2; fi
x=$(mark "$d/$a") y=$(mark "$d/$b") z=$(mark "$d/keepalived_parent.data")
kill -$s $p 2>/dev/null || fail "keepalived (pid $p): not permitted to ask for its dump" 13
[ "$t" ] && kill -$t $p
i=0 u=-
while :; do
sleep 0.03 2>/dev/null || { sleep 1; i=19; }
if ready "$d/$a" "$x" && ready "$d/$b" "$y"; then
[ "$j" ] && case $(tail -c 2 "$d/$a"; echo .) in "]$nl.") break; esac
n="$(mark "$d/$a") $(mark "$d/$b")"; [ "$n" = "$u" ] && break; u=$n
fi
i=$((i+1)); [ $i -lt 20 ] || fail "keepalived (pid $p) did not write $d/$a: it may be frozen" 4
done
[ -r "$d/$a" ] || fail "$d/$a: not permitted to read it" 13
hide() { sed -e 's/"auth_data":"\([^"\\]\|\\.\)*"/"auth_data":""/g' -e '/Password = /d' "$1"; }
hide "$d/$a"; [ "$t" ] && { echo; echo ---STATS---; hide "$d/$b"; }
[ "$x" ] || rm -f "$d/$a"; [ "$y" ] || rm -f "$d/$b"; [ "$z" ] || { [ "$j" ] || rm -f "$d/keepalived_parent.data"; }
exit 0`;
