import { RIGHT_FAULTS } from './fault-rights.ts';
import type { Jump } from './jump.ts';
import { mendNginx, removePage, spoilKeepalived, spoilNginx } from './spoil.ts';
import { VIPS } from './topology.ts';
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
    apply: (_, { machine }) => spoilNginx(machine),
  },
  {
    name: 'mend-nginx',
    takes: ['lb'],
    sentence: 'the mistake is taken out again',
    apply: (_, { machine }) => mendNginx(machine),
  },
  {
    name: 'break-keepalived',
    takes: ['lb'],
    sentence: 'reload of a broken file: keepalived dies, its VIPs stay',
    apply: (_, { machine, keepalived }) => {
      spoilKeepalived(machine);
      keepalived?.unit.reload();
    },
  },
  {
    name: 'break-keepalived-file',
    takes: ['lb'],
    sentence: 'the same mistake in keepalived.conf, and nothing is reloaded',
    apply: (_, { machine }) => spoilKeepalived(machine),
  },
  { name: 'power-off', takes: ['node'], sentence: 'the plug is pulled', apply: (_, { machine }) => machine.powerOff() },
  {
    name: 'shutdown',
    takes: ['node'],
    sentence: 'an orderly shutdown: its services stop first',
    apply: (_, { machine }) => machine.shutDown(),
  },
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
    apply: (_, { machine }) => machine.wire.set({ cut: true }),
  },
  {
    name: 'mend-wire',
    takes: ['node'],
    sentence: 'its cable is whole again',
    apply: (_, { machine }) => machine.wire.set({ cut: false, carrier: true, delay: 0 }),
  },
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
    apply: (_, { machine }) => removePage(machine),
  },
  {
    name: 'squat',
    takes: ['web'],
    sentence: 'the web node takes the first VIP',
    apply: ({ world }, { machine }) => {
      machine.addresses.add(VIPS[0], 32);
      world.lan.announce(machine, VIPS[0]);
    },
  },
  {
    name: 'kill-sshd',
    takes: ['node'],
    sentence: 'its SSH server and all its sessions end',
    apply: ({ sshd }, { machine }) => sshd(machine.name, false),
  },
  ...RIGHT_FAULTS,
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
    name: 'cut-jump',
    takes: [],
    sentence: 'the jump host loses the cluster: the switch swallows its frames',
    apply: ({ jump }) => jump.lan.set({ cut: true }),
  },
  {
    name: 'revive-jump',
    takes: [],
    sentence: 'the jump host takes connections again, thawed and at full speed',
    apply: ({ jump }) => {
      jump.wire.set({ cut: false, delay: 0 });
      jump.lan.set({ cut: false });
      void jump.revive();
    },
  },
  {
    name: 'slow-jump',
    takes: [],
    sentence: '80 ms more each way to the jump host',
    apply: ({ jump }) => jump.wire.set({ delay: 80 }),
  },
];
