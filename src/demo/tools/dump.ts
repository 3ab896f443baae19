import type { Keepalived } from '../keepalived.ts';
import type { RouterState } from '../router.ts';
import { failed, printed, type Tool, type ToolResult } from './tool.ts';

const STATES: Record<RouterState, number> = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3 };
/** Signal, dump, two looks at the file, ms. */
const DUMP_TIME = 80;
/** How long the agent waits for a daemon that does not write, ms. */
const PATIENCE = 700;

/** keepalived 2.2.7's JSON dump, with the password taken out as the agent does. */
export const dumpJson = (keepalived: Keepalived, ifname: string): string => {
  const router = keepalived.router();
  if (!router) return '[]';
  const settings = keepalived.settings();
  const state = router.state();
  const master = state === 'MASTER';
  const zeroes = {
    packet_len_err: 0,
    advert_interval_err: 0,
    ip_ttl_err: 0,
    invalid_type_rcvd: 0,
    addr_list_err: 0,
    invalid_authtype: 0,
    authtype_mismatch: 0,
    auth_failure: 0,
  };
  const { advert_rcvd, advert_sent, become_master, release_master, pri_zero_rcvd, pri_zero_sent } = router.stats();
  const data = {
    iname: 'VI_1',
    dont_track_primary: 0,
    skip_check_adv_addr: settings.auth ? 1 : 0,
    strict_mode: 0,
    vmac_ifname: '',
    ifp_ifname: ifname,
    master_priority: 0,
    last_transition: Number((router.lastTransition() / 1000).toFixed(6)),
    garp_delay: 5,
    garp_refresh: settings.refresh / 1000,
    garp_rep: 5,
    garp_refresh_rep: 1,
    garp_lower_prio_delay: 5,
    garp_lower_prio_rep: 5,
    lower_prio_no_advert: 0,
    higher_prio_send_advert: 0,
    vrid: settings.vrid,
    base_priority: settings.priority,
    effective_priority: router.effectivePriority(),
    vipset: master,
    promote_secondaries: false,
    adver_int: settings.advert / 1000,
    master_adver_int: settings.advert / 1000,
    accept: 1,
    nopreempt: settings.nopreempt,
    preempt_delay: 0,
    state: STATES[state],
    wantstate: STATES[state],
    version: 2,
    smtp_alert: false,
    notify_deleted: false,
    vips: settings.vips.map((vip) => `${vip} dev ${ifname} scope global${master ? ' set' : ''}`),
    track_script: ["'/etc/keepalived/check_nginx.sh'"],
    auth_type: settings.auth ? 1 : 0,
    auth_data: '',
  };
  const stats = { advert_rcvd, advert_sent, become_master, release_master, ...zeroes, pri_zero_rcvd, pri_zero_sent };
  return JSON.stringify([{ data, stats }]).replaceAll('/', '\\/');
};

/** The agent's own `keepalived_dump UNIT [sudo]`: 3 not running, 4 does not answer, 1 no sudo. */
export const keepalivedDump: Tool = ({ machine, keepalived, root }, [, sudo]): ToolResult | Promise<ToolResult> => {
  const privileged = root || (sudo === 'sudo' && machine.rights.sudo === 'all');
  if (!privileged && sudo === 'sudo') return failed('sudo: a password is required');
  const pid = keepalived?.unit.processes[0]?.pid;
  if (!keepalived || pid === undefined) return { stdout: 'keepalived is not running\n', stderr: '', code: 3 };
  if (!privileged) {
    return { stdout: `keepalived (pid ${pid}): not permitted to ask for its dump\n`, stderr: '', code: 13 };
  }
  return new Promise((resolve) => {
    if (keepalived.unit.frozen) {
      const text = `keepalived (pid ${pid}) did not write /tmp/keepalived.json: it may be frozen\n`;
      machine.clock.after(PATIENCE, () => resolve({ stdout: text, stderr: '', code: 4 }));
      return;
    }
    keepalived.log('child', `Printing VRRP as json for process(${keepalived.unit.processes[1]?.pid ?? 0}) on signal`);
    machine.clock.after(DUMP_TIME, () => resolve(printed(`${dumpJson(keepalived, machine.ifname)}\n`)));
  });
};
