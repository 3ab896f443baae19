import { installApache, type WebServer } from './apache.ts';
import type { DemoClock } from './clock.ts';
import {
  checkScript,
  type Flavour,
  keepalivedConfiguration,
  type Layout,
  nginxConfiguration,
} from './configuration.ts';
import { installKeepalived, type Keepalived } from './keepalived.ts';
import { KEEPALIVED_CONFIGURATION } from './keepalived-words.ts';
import { createLan, type Lan } from './lan.ts';
import { createMachine, type Machine } from './machine.ts';
import { installNginx, NGINX_CONFIGURATION } from './nginx.ts';
import { between, type Random, seededRandom } from './random.ts';
import { CHECK_LOG, LOAD_BALANCERS, VIPS, WEB_NODES } from './topology.ts';

/** One machine with the servers on it. */
export type Host = { machine: Machine; web: WebServer; keepalived?: Keepalived };

/** The modelled cluster without any socket: machines, daemons, the segment between them. Pure but for the clock. */
export type World = { lan: Lan; hosts: Host[]; host(name: string): Host | undefined; holders(vip: string): string[] };

const HOUR = 3_600_000;

/** Builds the tutorial's cluster as it stands after some days of quiet work: lb1 is master, everything runs. */
export const createWorld = (clock: DemoClock, flavour: Flavour, seed: number): World => {
  const random = seededRandom(seed);
  const lan = createLan(clock);
  const now = clock.wall();
  const layout: Layout = { flavour, vips: VIPS, webs: WEB_NODES };
  const bootOf = (): number => now - between(random, 60, 400) * HOUR - Math.floor(random() * HOUR);
  const host = (spec: { name: string; role: 'lb' | 'web'; address: string }): Machine => {
    const machine = createMachine(lan, clock, seededRandom(Math.floor(random() * 2 ** 32)), {
      ...spec,
      boot: bootOf(),
    });
    machine.files.write('/etc/hostname', `${spec.name}\n`, { at: machine.boot() });
    machine.files.write('/etc/os-release', OS_RELEASE, { at: machine.boot() });
    return machine;
  };
  const webs = WEB_NODES.map(({ name, address, identity }): Host => {
    const machine = host({ name, role: 'web', address });
    return { machine, web: installApache(machine, identity) };
  });
  const balancers = LOAD_BALANCERS.map((spec): Host => {
    const machine = host({ name: spec.name, role: 'lb', address: spec.address });
    const at = { at: machine.boot() - 30 * 24 * HOUR };
    const peers = LOAD_BALANCERS.filter(({ name }) => name !== spec.name).map(({ address }) => address);
    machine.files.write(NGINX_CONFIGURATION, nginxConfiguration(layout), at);
    machine.files.write(
      KEEPALIVED_CONFIGURATION,
      keepalivedConfiguration(layout, { ...spec, ifname: machine.ifname, peers }),
      at,
    );
    machine.files.write('/etc/keepalived/check_nginx.sh', checkScript(flavour), {
      ...at,
      mode: flavour === 'fixed' ? '755' : '777',
    });
    machine.files.write(CHECK_LOG, '', at);
    for (const path of [NGINX_CONFIGURATION, KEEPALIVED_CONFIGURATION])
      machine.pristine.set(path, machine.files.get(path)!.content);
    const web = installNginx(
      machine,
      flavour,
      webs.map((peer) => ({ machine: peer.machine, answer: peer.web.answer })),
    );
    return { machine, web, keepalived: installKeepalived(machine, flavour) };
  });
  const hosts = [...balancers, ...webs];
  for (const { machine, web, keepalived } of hosts) settle(machine, web, keepalived, random);
  return {
    lan,
    hosts,
    host: (name) => hosts.find(({ machine }) => machine.name === name),
    holders: (vip) =>
      hosts.filter(({ machine }) => machine.powered() && machine.addresses.has(vip)).map(({ machine }) => machine.name),
  };
};

/** Units up since shortly after boot; the master already has been master for as long. */
const settle = (machine: Machine, web: WebServer, keepalived: Keepalived | undefined, random: Random): void => {
  const boot = machine.boot();
  web.unit.found(boot + 2_100 + Math.floor(random() * 900));
  keepalived?.found(
    boot + 3_300 + Math.floor(random() * 900),
    machine.name === LOAD_BALANCERS[0].name ? 'MASTER' : 'BACKUP',
  );
};

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;
