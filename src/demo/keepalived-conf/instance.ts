import { isIP } from 'node:net';
import { INSTANCE_BLOCKS, INSTANCE_WORDS } from './keywords.ts';
import type { Line } from './lines.ts';
import { type Complain, readDecimal, readWhole } from './numbers.ts';
import type { Block } from './walk.ts';

/** One `vrrp_instance` as it was read; numbers that were not given, or not good, are undefined. */
export type Instance = {
  name: string;
  state: 'MASTER' | 'BACKUP';
  interface?: string;
  vrid?: number;
  priority: number;
  /** s */
  advert: number;
  nopreempt: boolean;
  unicast: boolean;
  peers: string[];
  auth: boolean;
  password: boolean;
  scripts: string[];
  vips: string[];
};

/** What the instance's block needs to know of the machine and of what stood before it. */
export type InstanceWorld = {
  complain: Complain;
  /** The names of the network cards. */
  interfaces: readonly string[];
  /** Scripts that were read before. */
  scripts: ReadonlySet<string>;
  /** An interface was named that is not there: keepalived ends itself when it has read all. */
  missingInterface(): void;
};

const newInstance = (name: string): Instance => ({
  name,
  state: 'BACKUP',
  priority: 100,
  advert: 1,
  nopreempt: false,
  unicast: false,
  peers: [],
  auth: false,
  password: false,
  scripts: [],
  vips: [],
});

const family = (address: string): number => isIP(address.split('/')[0]!);

/** One line of `virtual_ipaddress`. */
const readVip = (instance: Instance, words: string[], line: Line, world: InstanceWorld) => {
  const { complain, interfaces, missingInterface } = world;
  const [text = '', ...options] = words;
  const [address = '', prefix] = text.split('/');
  if (family(address) === 0) return complain(line, `VRRP parsed invalid IP ${text}. skipping IP...`);
  const [first] = instance.vips;
  const foreign = first !== undefined && family(first) !== family(address);
  if (foreign) {
    return complain(line, `(${instance.name}): address family must match VRRP instance [${text}] - ignoring`);
  }
  const most = family(address) === 4 ? 32 : 128;
  if (prefix !== undefined && readWhole(prefix, [0, most], line, complain) === undefined) {
    complain(line, `Invalid address prefix len ${prefix} for address ${text} - using ${most}`);
  }
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at]!;
    const value = options[at + 1] ?? '';
    if (option === 'dev' && !interfaces.includes(value)) {
      complain(line, `WARNING - interface ${value} for ip address ${text} doesn't exist`);
      missingInterface();
    }
    if (['dev', 'scope', 'label', 'brd', 'broadcast', 'peer'].includes(option)) at += 1;
    else if (option !== 'track_group')
      complain(line, `Unknown configuration entry '${option}' for ip address - ignoring`);
  }
  instance.vips.push(address);
};

/** The block of one instance; what it reads stands in `instance`. */
export const instanceBlock = (name: string, world: InstanceWorld): { instance: Instance; block: Block } => {
  const instance = newInstance(name);
  const { complain, interfaces, missingInterface } = world;
  const block: Block = {
    idle: INSTANCE_WORDS,
    flags: {
      nopreempt: () => {
        instance.nopreempt = true;
      },
    },
    words: {
      state: ([state = ''], line) => {
        if (state === 'MASTER' || state === 'BACKUP') instance.state = state;
        else complain(line, `(${name}) unknown state '${state}', defaulting to BACKUP`);
      },
      interface: ([card = ''], line) => {
        instance.interface = card;
        if (interfaces.includes(card)) return;
        complain(line, `WARNING - interface ${card} for vrrp_instance ${name} doesn't exist`);
        missingInterface();
      },
      virtual_router_id: ([text = ''], line) => {
        const vrid = readWhole(text, [1, 255], line, complain);
        if (vrid === undefined) complain(line, `(${name}): VRID '${text}' not valid - must be between 1 & 255`);
        else instance.vrid = vrid;
      },
      priority: ([text = ''], line) => {
        const priority = readWhole(text, [1, 255], line, complain);
        if (priority === undefined)
          complain(line, `(${name}) Priority not valid! must be between 1 & 255. Using default 100`);
        else instance.priority = priority;
      },
      advert_int: ([text = ''], line) => {
        const advert = readDecimal(text, [0.01, 255], line, complain);
        if (advert === undefined)
          complain(line, `(${name}) Advert interval (${text}) not valid! Must be > 0 - ignoring`);
        else instance.advert = advert;
      },
    },
    blocks: {
      unicast_peer: () => {
        instance.unicast = true;
        return {
          other: ([peer = ''], line) => {
            if (family(peer) > 0) instance.peers.push(peer);
            else {
              const words = `Configuration error: VRRP instance[${name}] malformed unicast peer address[${peer}]. Skipping...`;
              complain(line, words);
            }
          },
        };
      },
      authentication: () => ({
        words: {
          auth_type: ([type = ''], line) => {
            if (type === 'PASS' || type === 'AH') instance.auth = true;
            else complain(line, `(${name}) unknown authentication type '${type}'`);
          },
          auth_pass: ([password = ''], line) => {
            instance.password = true;
            if (password.length > 8) complain(line, 'Truncating auth_pass to 8 characters');
          },
        },
      }),
      track_script: () => ({
        other: ([script = ''], line) => {
          if (world.scripts.has(script)) instance.scripts.push(script);
          else complain(line, `(${name}) track script ${script} not found, ignoring...`);
        },
      }),
      virtual_ipaddress: () => ({ other: (words, line) => readVip(instance, words, line, world) }),
      ...Object.fromEntries([...INSTANCE_BLOCKS].map((word) => [word, () => undefined])),
    },
  };
  return { instance, block };
};
