import { type AddressInfo, connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { claimOf } from './claim.ts';
import type { DemoClock } from './clock.ts';
import { Gate } from './gate.ts';
import type { KeyPair } from './keys.ts';
import type { Lan } from './lan.ts';
import type { Machine } from './machine.ts';
import { authenticate, leave } from './ssh-server.ts';
import { createWire, inLine, type Wire } from './wire.ts';

/** The jump host: the only way in. */
export type Jump = {
  port: number;
  /** The operator's line to it: cut it to freeze the jump host. */
  wire: Wire;
  /** Its line to the cluster. */
  lan: Wire;
  /** Whether it forwards to other ports than that of SSH. */
  tunnels: { web: boolean };
  /** Ends every connection and refuses new ones. */
  kill(): Promise<void>;
  revive(): Promise<void>;
  close(): Promise<void>;
};

/** Where a modelled port really listens on loopback; undefined when nothing listens on the machine. */
export type Locate = (machine: Machine, port: number) => number | undefined;

/** When the kernel sends its SYN again, ms, and when it says that nobody answers ARP. */
const SYN_AGAIN = [1000, 3000];
const NO_ROUTE = 3060;

type Network = { lan: Lan; wire: Wire; clock: DemoClock; locate: Locate };
type Dialled = { machine: Machine; port: number; address: string } | { failure: string };

/** Connection attempts that wait for an answer; each ends when it is called. */
type Attempts = Set<() => void>;

/** A TCP connection attempt from the jump host into the modelled network. `done` is called once, unless `attempts` ends it. */
const dial = (
  { lan, wire, clock, locate }: Network,
  { host, port }: { host: string; port: number },
  attempts: Attempts,
  done: (result: Dialled) => void,
): void => {
  const timers: (() => void)[] = [];
  const end = (): void => {
    attempts.delete(end);
    for (const cancel of timers) cancel();
  };
  const finish = (result: Dialled): void => {
    end();
    done(result);
  };
  const later = (ms: number, run: () => void): number => timers.push(clock.after(ms, run));
  const named = isIP(host) ? undefined : lan.find(host);
  const address = named?.address ?? host;
  const attempt = (): boolean => {
    const machine = wire.open ? lan.owner(address) : undefined;
    if (!machine) return false;
    const local = locate(machine, port);
    const answer: Dialled = local === undefined ? { failure: 'Connection refused' } : { machine, port: local, address };
    if (machine.wire.delay === 0) finish(answer);
    else later(2 * machine.wire.delay, () => finish(answer));
    return true;
  };
  attempts.add(end);
  if (!isIP(address)) later(1, () => finish({ failure: 'Temporary failure in name resolution' }));
  else if (!attempt()) {
    for (const ms of SYN_AGAIN) later(ms, attempt);
    later(NO_ROUTE, () => finish({ failure: 'No route to host' }));
  }
};

/** ssh2 rejects channels without a description; sshd gives the reason in words, and clients show it. */
type Failing = { _protocol: { channelOpenFail(sender: number, reason: number, text: string): void } };

const explained = (client: Connection): ((reject: () => void, text: string) => void) => {
  const protocol = (client as unknown as Failing)._protocol;
  const original = protocol.channelOpenFail.bind(protocol);
  let reasonText = '';
  protocol.channelOpenFail = (sender, reason, text) => original(sender, reason, text || reasonText);
  return (reject, text) => {
    reasonText = text;
    reject();
    reasonText = '';
  };
};

/** Commands on the jump host itself: enough to be primed by, nothing to look at. */
const runOnJump = (channel: ServerChannel, command: string): void => {
  const status = command === 'true' || command === ':' ? '0' : /^exit (\d{1,3})$/.exec(command)?.[1];
  if (status === undefined) channel.stderr.write('This account is for jumping only.\n');
  leave(channel, Number(status ?? 1));
};

/** Listens on 127.0.0.1, a free port, and forwards into the modelled network. */
export const listenJump = async (
  lan: Lan,
  clock: DemoClock,
  locate: Locate,
  keys: { host: KeyPair; user: KeyPair },
): Promise<Jump> => {
  const wire = createWire();
  const lanWire = createWire();
  const tunnels = { web: true };
  const lines = new Set<Gate>();
  const ssh = new ssh2.Server({ hostKeys: [keys.host.private], ident: 'OpenSSH_9.2p1 Debian-2+deb12u3' }, (client) => {
    authenticate(client, keys.user);
    const refuse = explained(client);
    client.on('session', (accept) => {
      const session = accept();
      session.on('env', (allow) => allow?.());
      session.on('exec', (allow, _refuse, { command }) => runOnJump(allow(), command));
    });
    client.on('request', (accept, reject) => (reject ?? accept)?.());
    const attempts: Attempts = new Set();
    client.once('close', () => {
      for (const end of [...attempts]) end();
    });
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (destPort !== 22 && !tunnels.web) return refuse(reject, 'administratively prohibited: open failed');
      dial({ lan, wire: lanWire, clock, locate }, { host: destIP, port: destPort }, attempts, (result) => {
        if ('failure' in result) {
          refuse(reject, result.failure);
          return;
        }
        const socket = connectTcp(result.port, '127.0.0.1');
        socket.once('error', () => refuse(reject, 'Connection refused'));
        const { machine, address } = result;
        const line = inLine(inLine(lanWire, machine.wire), claimOf(lan, machine, address));
        socket.once('connect', () => join(accept(), new Gate(socket, line, clock)));
      });
    });
  });
  const join = (channel: ServerChannel | undefined, gate: Gate): void => {
    if (!channel) {
      gate.destroy();
      return;
    }
    channel.on('error', () => {});
    gate.on('error', () => {});
    channel.pipe(gate).pipe(channel);
    channel.on('close', () => gate.destroy());
    gate.on('close', () => channel.destroyed || channel.close());
  };
  const arrive = (socket: Socket): void => {
    const gate = new Gate(socket, wire, clock);
    lines.add(gate);
    gate.on('error', () => {});
    gate.on('close', () => lines.delete(gate));
    ssh.injectSocket(gate as unknown as Socket);
  };
  const server: Server = createServer(arrive);
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const unlisten = (): Promise<void> =>
    new Promise((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      for (const gate of lines) gate.destroy();
    });
  let closed = false;
  // Opening and closing a port takes turns of the event loop: one after the other, whatever is asked in between.
  let turn: Promise<void> = Promise.resolve();
  const next = (step: () => Promise<void>): Promise<void> => {
    turn = turn.then(step);
    return turn;
  };
  /** The port was ours a moment ago; should somebody have taken it, it is tried again until he leaves. */
  const revive = (): Promise<void> =>
    next(async () => {
      if (server.listening || closed) return;
      await listen(port).catch(() => clock.after(500, () => void revive()));
    });
  return {
    port,
    wire,
    lan: lanWire,
    tunnels,
    kill: () => next(unlisten),
    revive,
    close: () => {
      closed = true;
      return next(unlisten);
    },
  };
};
