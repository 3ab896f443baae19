import { CHECK_HOST } from './nginx-conf.ts';
import type { Balancer, Plan } from './plan.ts';

/** Longest run in seconds: one question (1), one restart (5), ten questions of at most 1 s that mostly take 0.2 s. */
export const CHECK_TIMEOUT = 10;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** /etc/keepalived/check_nginx.sh of one load balancer: asks nginx over HTTP, restarts it when it is gone, never stops keepalived. */
export const checkScript = (plan: Plan, self: Balancer): string => `#!/bin/bash
# Written by haconsole render for ${self.name} of cluster ${plan.cluster}. Change the cluster file, not this one.
# keepalived runs this every second (vrrp_script check_nginx). Exit 0: nginx answers. Exit 1: it does not.
# Install: root:root, mode 0755. The tutorial's 0777 would let every local user run commands as root.
# CentOS and Rocky: with SELinux on (the tutorial turns it off) also chcon -t keepalived_unconfined_script_exec_t this file.
# It runs as root because it starts nginx; it takes no input, so root adds nothing that a sudo rule would take away.
# Planned work on nginx: "touch ${'/run/check_nginx.pause'}" (gone after a reboot) or "systemctl mask" stops the restarts;
# the tutorial's script starts nginx again within 5 s of being stopped, whoever stopped it.

export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
UNIT=${quote(plan.nginxUnit)}
PORT=${self.port}
LOG=${quote(plan.checkLog)}
PAUSE=/run/check_nginx.pause
RESTARTS=/run/check_nginx.restarts
MAX_RESTARTS=4
WINDOW=120

# Tutorial: counts processes, so a hung nginx, or one on the wrong port, passes. Here nginx has to answer within a second.
# bash's /dev/tcp, because a minimal system has no curl. 204 comes from the server block made for this question.
answers() {
    timeout 1 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf "GET / HTTP/1.0\\r\\nHost: ${CHECK_HOST}\\r\\n\\r\\n" >&3
        read -r _ status _ <&3 && [ "$status" = 204 ]
    ' check "$PORT" 2>/dev/null
}

# The tutorial's form of line, in UTC and English on every system. A full disk must not fail the check.
log() {
    if [ "$(stat -c %s "$LOG" 2>/dev/null || echo 0)" -gt 1048576 ]; then
        # Tutorial: the log is never rotated.
        { tail -n 1000 "$LOG" > "$LOG.short" && cat "$LOG.short" > "$LOG"; rm -f "$LOG.short"; } 2>/dev/null
    fi
    { echo "$(date -u): $1" >> "$LOG"; } 2>/dev/null
}

answers && exit 0

# Only an nginx that is gone is started. One that hangs or is starting keeps its state: the VIPs move, a person looks.
case "$(timeout 2 systemctl is-active "$UNIT")" in
    inactive | failed) ;;
    *) exit 1 ;;
esac
[ -e "$PAUSE" ] && exit 1
[ "$(timeout 2 systemctl is-enabled "$UNIT" 2>/dev/null)" = masked ] && exit 1

# Four failed starts stay below the limit (five in 10 s) at which systemd would refuse the operator too.
# Tutorial: restarts without end hide a crash loop. Here: $MAX_RESTARTS in $WINDOW seconds, by the clock that no one sets.
read -r uptime _ < /proc/uptime
now=\${uptime%%.*}
recent=()
if [ -r "$RESTARTS" ]; then
    while read -r at; do
        [[ $at =~ ^[0-9]+$ ]] && (( at <= now && now - at < WINDOW )) && recent+=("$at")
    done < "$RESTARTS"
fi
(( \${#recent[@]} >= MAX_RESTARTS )) && exit 1
printf '%s\\n' "\${recent[@]}" "$now" > "$RESTARTS" || exit 1

# Tutorial: writes this line two seconds after the restart, and not at all when keepalived stops meanwhile.
log "systemctl restart \${UNIT%.service}"
if timeout 5 systemctl restart "$UNIT"; then
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        answers && exit 0
        (( SECONDS >= 8 )) && break
        sleep 0.2
    done
fi
(( \${#recent[@]} + 1 >= MAX_RESTARTS )) && log "$UNIT does not come up, no more restarts for $WINDOW s"
# Tutorial: "killall keepalived" here, which nothing undoes. Exit 1 lowers the priority and is taken back when nginx answers.
exit 1
`;
