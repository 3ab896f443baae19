import type { Jump } from './jump.ts';
import type { Machine } from './machine.ts';
import { NGINX_CONFIGURATION } from './nginx.ts';
import { WEB_NODES } from './topology.ts';
import type { Unit } from './unit.ts';
import type { Host, World } from './world.ts';

/** What a fault works on. */
export type Stage = {
  world: World;
  jump: Jump;
  /** Ends the SSH connections of one machine. */
  dropSsh(node: string): void;
  /** Starts or stops the SSH server of one machine; stopping ends its connections. */
  sshd(node: string, up: boolean): void;
};

/** The arguments a fault takes, in order. */
export type FaultArgument = 'service' | 'node' | 'lb' | 'web';

/** One switch: its name, what it takes, and one sentence on what it does. */
export type Fault = {
  name: string;
  takes: readonly FaultArgument[];
  sentence: string;
  apply(stage: Stage, host: Host, unit: Unit): void;
};

const WEB_ROOT = '/var/www/html/index.html';

const silent = (machine: Machine, cut: boolean): void => machine.wire.set({ cut });
const restartServices = ({ machine, web, keepalived }: Host): void => {
  for (const unit of [web.unit, ...(keepalived ? [keepalived.unit] : [])]) {
    if (unit.load === 'masked') unit.mask(false);
    unit.freeze(false);
    unit.resetFailed();
    if (unit.active !== 'active') unit.start();
  }
  machine.rights.sudo = true;
  machine.rights.journal = true;
};
const mendNginx = ({ machine }: Host): void => {
  const text = machine.files.get(NGINX_CONFIGURATION)?.content;
  if (text) machine.files.write(NGINX_CONFIGURATION, text.replace('proxy_pas  ', 'proxy_pass '));
};
const mendKeepalived = ({ machine }: Host): void => {
  const path = '/etc/keepalived/keepalived.conf';
  const text = machine.files.get(path)?.content;
  if (text) machine.files.write(path, text.replace(/(virtual_router_id) 9(\d+) # spoilt$/m, '$1 $2'));
};
const mendWeb = ({ machine }: Host): void => {
  const identity = WEB_NODES.find(({ name }) => name === machine.name)?.identity;
  if (identity) machine.files.write(WEB_ROOT, `${identity}\n`);
};
const mendWire = ({ machine }: Host): void => machine.wire.set({ cut: false, carrier: true, delay: 0 });

/** Every fault by its name. Names and meaning are the lab's where both have them. */
export const FAULTS: readonly Fault[] = [
  { name: 'stop', takes: ['service', 'node'], sentence: 'systemctl stop', apply: (_, __, unit) => unit.stop() },
  {
    name: 'start',
    takes: ['service', 'node'],
    sentence: 'systemctl start (unmasked first)',
    apply: (_, __, unit) => {
      unit.mask(false);
      unit.start();
    },
  },
  {
    name: 'restart',
    takes: ['service', 'node'],
    sentence: 'systemctl restart',
    apply: (_, __, unit) => unit.restart(),
  },
  {
    name: 'mask',
    takes: ['service', 'node'],
    sentence: 'systemctl mask --now: nothing can start it',
    apply: (_, __, unit) => {
      unit.mask(true);
      unit.stop();
    },
  },
  {
    name: 'kill9',
    takes: ['service', 'node'],
    sentence: 'kill -9 of all its processes',
    apply: (_, __, unit) => unit.kill('all'),
  },
  {
    name: 'kill9-child',
    takes: ['lb'],
    sentence: 'kill -9 of the VRRP child of keepalived',
    apply: (_, host) => host.keepalived?.killChild(),
  },
  {
    name: 'freeze',
    takes: ['service', 'node'],
    sentence: 'SIGSTOP: it hangs, its unit stays green',
    apply: (_, __, unit) => unit.freeze(true),
  },
  { name: 'thaw', takes: ['service', 'node'], sentence: 'SIGCONT', apply: (_, __, unit) => unit.freeze(false) },
  {
    name: 'break-nginx',
    takes: ['lb'],
    sentence: 'a mistake in nginx.conf, seen by nginx -t only',
    apply: (_, { machine }) => {
      const text = machine.files.get(NGINX_CONFIGURATION)?.content ?? '';
      machine.files.write(NGINX_CONFIGURATION, text.replace('proxy_pass ', 'proxy_pas  '));
    },
  },
  {
    name: 'mend-nginx',
    takes: ['lb'],
    sentence: 'the mistake is taken out again',
    apply: (_, host) => mendNginx(host),
  },
  {
    name: 'break-keepalived',
    takes: ['lb'],
    sentence: 'reload of a broken file: keepalived dies, its VIPs stay',
    apply: (_, { machine, keepalived }) => {
      const path = '/etc/keepalived/keepalived.conf';
      const text = machine.files.get(path)?.content ?? '';
      if (!text.includes('# spoilt'))
        machine.files.write(path, text.replace(/(virtual_router_id) (\d+)$/m, '$1 9$2 # spoilt'));
      keepalived?.unit.reload();
    },
  },
  { name: 'power-off', takes: ['node'], sentence: 'the plug is pulled', apply: (_, { machine }) => machine.powerOff() },
  { name: 'power-on', takes: ['node'], sentence: 'it boots', apply: (_, { machine }) => machine.powerOn() },
  {
    name: 'cut',
    takes: ['node'],
    sentence: 'its cable is pulled: no carrier',
    apply: (_, { machine }) => machine.wire.set({ cut: true, carrier: false }),
  },
  {
    name: 'silent-cut',
    takes: ['node'],
    sentence: 'the switch swallows its frames: carrier stays',
    apply: (_, { machine }) => silent(machine, true),
  },
  { name: 'mend-wire', takes: ['node'], sentence: 'its cable is whole again', apply: (_, host) => mendWire(host) },
  {
    name: 'drop-vrrp',
    takes: [],
    sentence: 'only VRRP is dropped between the load balancers',
    apply: ({ world }) => world.lan.dropAdverts(true),
  },
  { name: 'pass-vrrp', takes: [], sentence: 'VRRP passes again', apply: ({ world }) => world.lan.dropAdverts(false) },
  {
    name: 'slow',
    takes: ['node'],
    sentence: '80 ms more each way on its wire',
    apply: (_, { machine }) => machine.wire.set({ delay: 80 }),
  },
  {
    name: 'web-404',
    takes: ['web'],
    sentence: 'its page is gone: every answer is 404',
    apply: (_, { machine }) => machine.files.remove(WEB_ROOT),
  },
  {
    name: 'squat',
    takes: ['web'],
    sentence: 'the web node takes the first VIP',
    apply: ({ world }, { machine }) => {
      const vip = '172.16.249.80';
      machine.addresses.add(vip, 32);
      world.lan.announce(machine, vip);
    },
  },
  {
    name: 'kill-sshd',
    takes: ['node'],
    sentence: 'its SSH server and all its sessions end',
    apply: ({ sshd }, { machine }) => sshd(machine.name, false),
  },
  {
    name: 'no-journal',
    takes: ['node'],
    sentence: 'the account may not read the journal',
    apply: ({ dropSsh }, { machine }) => {
      machine.rights.journal = false;
      dropSsh(machine.name);
    },
  },
  {
    name: 'no-sudo',
    takes: ['node'],
    sentence: 'sudo asks for a password',
    apply: ({ dropSsh }, { machine }) => {
      machine.rights.sudo = false;
      dropSsh(machine.name);
    },
  },
  {
    name: 'freeze-jump',
    takes: [],
    sentence: 'the jump host stands still, its connections stay open',
    apply: ({ jump }) => jump.wire.set({ cut: true }),
  },
  {
    name: 'kill-jump',
    takes: [],
    sentence: 'the jump host ends every connection and takes none',
    apply: ({ jump }) => void jump.kill(),
  },
  {
    name: 'slow-jump',
    takes: [],
    sentence: '80 ms more each way to the jump host',
    apply: ({ jump }) => jump.wire.set({ delay: 80 }),
  },
];

/** Other names for the same. */
const ALIASES: Record<string, string> = {
  'cut-wire': 'cut',
  'slow-link': 'slow',
  'stale-vip': 'kill9',
  'pass-wire': 'mend-wire',
};

/** Applies a fault. Throws an Error with one sentence when there is no such fault, node or service. */
export const applyFault = (stage: Stage, name: string, node?: string, service?: string): void => {
  const fault = FAULTS.find((one) => one.name === (ALIASES[name] ?? name));
  if (!fault) throw new Error(`no fault called "${name}"; there are ${FAULTS.map((one) => one.name).join(', ')}`);
  const role = fault.takes.includes('lb') ? 'lb' : fault.takes.includes('web') ? 'web' : undefined;
  const wanted = fault.takes.some((argument) => argument !== 'service');
  const fits = stage.world.hosts.filter(({ machine }) => role === undefined || machine.role === role);
  const host = fits.find(({ machine }) => machine.name === node);
  if (!host && wanted) {
    throw new Error(
      `${fault.name} takes one of ${fits.map(({ machine }) => machine.name).join(', ')}, not "${node ?? ''}"`,
    );
  }
  const unit = host && serviceOf(host, name === 'stale-vip' ? 'keepalived' : service);
  if (host && fault.takes.includes('service') && !unit) {
    const names = [...host.machine.units.keys()].join(', ');
    throw new Error(`${fault.name} on ${host.machine.name} takes one of ${names}, not "${service ?? ''}"`);
  }
  fault.apply(stage, host ?? stage.world.hosts[0]!, unit ?? stage.world.hosts[0]!.web.unit);
};

/** `web` is the web server, whatever its unit is called. */
const serviceOf = ({ machine, web }: Host, service: string | undefined): Unit | undefined =>
  service === 'web' || (service === undefined && machine.role === 'web') ? web.unit : machine.unit(service ?? '');

/** Takes every fault back: wires, power, files, rights, services, the jump host. */
export const healAll = ({ world, jump, dropSsh, sshd }: Stage): void => {
  jump.wire.set({ cut: false, delay: 0 });
  void jump.revive();
  world.lan.dropAdverts(false);
  for (const host of world.hosts) {
    const { machine } = host;
    const limited = !machine.rights.sudo || !machine.rights.journal;
    sshd(machine.name, true);
    mendWire(host);
    mendNginx(host);
    mendKeepalived(host);
    if (machine.role === 'web') {
      mendWeb(host);
      machine.addresses.remove('172.16.249.80');
    }
    for (const unit of machine.units.values()) {
      unit.mask(false);
      unit.freeze(false);
    }
    if (!machine.powered()) machine.powerOn();
    else restartServices(host);
    machine.rights.sudo = true;
    machine.rights.journal = true;
    if (limited) dropSsh(machine.name);
  }
};
