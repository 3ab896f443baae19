import { type Advert, masterDown, outranks, skew } from './advert.ts';
import type { Router, RouterConfig, RouterPorts, RouterState, RouterStats } from './router.ts';
import { createTimer } from './timer.ts';

/** keepalived repeats its gratuitous ARP after garp_master_delay, 5 s by default. */
const REPEAT_ANNOUNCEMENT = 5000;
/** What a socket buffer holds for a frozen process. */
const QUEUE = 64;

/** The state machine of one VRRP instance as keepalived 2.2.7 runs it, on the given clock. Pure: all effects go through `ports`. */
export const createRouter = (initial: RouterConfig, ports: RouterPorts): Router => {
  const { clock } = ports;
  const { arm, disarm, freeze, thaw } = createTimer(clock);
  let config = initial;
  let state: RouterState = 'INIT';
  let adjustment = 0;
  let scriptFault = false;
  let linkIsUp = true;
  let lastTransition = clock.wall();
  let frozen = false;
  let queued: Advert[] = [];
  let repeat = (): void => {};
  const stats: RouterStats = {
    advert_rcvd: 0,
    advert_sent: 0,
    become_master: 0,
    release_master: 0,
    pri_zero_rcvd: 0,
    pri_zero_sent: 0,
  };

  const effective = (): number => Math.max(1, Math.min(254, config.priority + adjustment));
  const enter = (next: RouterState, suffix = ''): void => {
    ports.log(`(${config.instance}) Entering ${next} STATE${suffix}`);
    state = next;
    lastTransition = clock.wall();
  };
  const send = (priority: number): void => {
    if (priority === 0) stats.pri_zero_sent += 1;
    else stats.advert_sent += 1;
    ports.send({ from: config.address, vrid: config.vrid, priority, vips: config.vips ?? 0 });
  };
  const advertise = (): void => {
    send(effective());
    arm(config.interval, advertise);
  };
  const announceAgain = (ms: number): void => {
    repeat();
    repeat = clock.after(ms, () => {
      if (state !== 'MASTER') return;
      if (!frozen) ports.announce();
      if (config.refresh) announceAgain(config.refresh);
    });
  };
  const becomeMaster = (): void => {
    send(effective());
    enter('MASTER');
    stats.become_master += 1;
    ports.addVips();
    ports.announce();
    announceAgain(REPEAT_ANNOUNCEMENT);
    arm(config.interval, advertise);
  };
  const waitForMaster = (ms = masterDown(effective(), config.interval)): void => arm(ms, becomeMaster);
  const release = (sayGoodbye: boolean): void => {
    repeat();
    if (state !== 'MASTER') return;
    if (sayGoodbye) send(0);
    ports.removeVips();
    stats.release_master += 1;
  };
  const beBackup = (suffix = ''): void => {
    release(false);
    enter('BACKUP', suffix);
    waitForMaster();
  };
  const beFaulty = (): void => {
    if (state === 'FAULT' || state === 'INIT') return;
    enterFault();
  };
  const enterFault = (): void => {
    const wasMaster = state === 'MASTER';
    enter('FAULT');
    disarm();
    repeat();
    if (wasMaster) {
      send(0);
      ports.removeVips();
      stats.release_master += 1;
    }
  };
  const settle = (): void => {
    if (linkIsUp && !scriptFault) {
      if (state === 'FAULT') beBackup();
    } else beFaulty();
  };

  const asMaster = (advert: Advert): void => {
    const mine = effective();
    if (advert.priority === 0) {
      send(mine);
    } else if (outranks(advert, mine, config.address)) {
      ports.log(
        `(${config.instance}) Master received advert from ${advert.from} with higher priority ${advert.priority}, ours ${mine}`,
      );
      beBackup();
    } else {
      ports.log(
        `(${config.instance}) Received advert from ${advert.from} with lower priority ${advert.priority}, ours ${mine}, forcing new election`,
      );
      send(mine);
      ports.announce();
    }
  };
  const asBackup = (advert: Advert): void => {
    if (advert.priority === 0) waitForMaster(skew(effective()));
    else if (config.nopreempt || advert.priority >= effective()) waitForMaster();
    else {
      ports.log(
        `(${config.instance}) received lower priority (${advert.priority}) advert from ${advert.from} - discarding`,
      );
    }
  };
  const receive = (advert: Advert): void => {
    if (frozen) {
      if (queued.length < QUEUE) queued.push(advert);
      return;
    }
    // keepalived listens to its own vrid only: another pair's, or a mistyped one, is silence (domain: nothing is logged).
    if (advert.vrid !== config.vrid || state === 'INIT' || state === 'FAULT') return;
    if (advert.vips !== (config.vips ?? 0) && !config.skipCheck) {
      ports.log(
        `(${config.instance}) received an unexpected ip number count ${advert.vips}, expected ${config.vips ?? 0}!`,
      );
      return;
    }
    if (advert.priority === 0) stats.pri_zero_rcvd += 1;
    stats.advert_rcvd += 1;
    if (state === 'MASTER') asMaster(advert);
    else asBackup(advert);
  };

  return {
    state: () => state,
    effectivePriority: effective,
    lastTransition: () => lastTransition,
    stats: () => stats,
    start: (linkUp) => {
      linkIsUp = linkUp;
      if (linkUp) {
        enter('BACKUP', ' (init)');
        waitForMaster();
      } else enter('FAULT');
    },
    settle: (as, since) => {
      state = as;
      lastTransition = since;
      const adverts = Math.floor((clock.wall() - since) / config.interval);
      if (as === 'BACKUP') {
        stats.advert_rcvd = adverts;
        waitForMaster();
        return;
      }
      stats.advert_sent = adverts;
      stats.become_master = 1;
      ports.addVips();
      ports.announce();
      if (config.refresh) announceAgain(config.refresh);
      advertise();
    },
    stop: () => {
      disarm();
      release(true);
      state = 'INIT';
    },
    die: () => {
      disarm();
      repeat();
      state = 'INIT';
    },
    freeze: () => {
      frozen = true;
      freeze();
    },
    thaw: () => {
      if (!frozen) return;
      frozen = false;
      const late = thaw();
      if (late > 0) ports.log(`A thread timer expired ${(late / 1000).toFixed(6)} seconds ago`);
      const adverts = queued;
      queued = [];
      for (const advert of adverts) receive(advert);
    },
    receive,
    link: (up) => {
      if (up === linkIsUp) return;
      linkIsUp = up;
      if (state === 'INIT') return;
      ports.log(`Netlink reports ${config.ifname} ${up ? 'up' : 'down'}`);
      settle();
    },
    script: (effect) => {
      const before = effective();
      scriptFault = effect === 'fault';
      adjustment = effect === 'fault' ? 0 : effect;
      if (state === 'INIT') return;
      if (before !== effective()) {
        ports.log(`(${config.instance}) Changing effective priority from ${before} to ${effective()}`);
      }
      settle();
    },
    vipLost: () => {
      if (state !== 'MASTER' || frozen) return;
      release(true);
      enter('BACKUP');
      waitForMaster(skew(effective()));
    },
    reconfigure: (next) => {
      config = next;
      adjustment = 0;
      scriptFault = false;
      if (state === 'MASTER') {
        ports.addVips();
        ports.announce();
      } else if (linkIsUp && state !== 'INIT') {
        enter('BACKUP', ' (init)');
        waitForMaster();
      }
    },
  };
};
