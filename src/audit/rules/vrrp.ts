import { PRIORITY } from '../keepalived.ts';
import type { Rule } from '../rule.ts';
import { eachInstance, twins } from '../scene.ts';

const NEEDS = ['keepalived.conf'] as const;

/** Passwords of every example on the net. */
const EVERYBODYS =
  /^(?:1111|1234|12345|123456|12345678|0000|secret|secret1|password|passw0rd|admin|k@l!ve[123]?|mypass|pass|test|keepaliv|keepalived|changeme)$/i;

/** VRRP itself: the instance and its timers. */
export const vrrpRules: readonly Rule[] = [
  {
    id: 'weight-cannot-move-vip',
    severity: 'error',
    title: 'A failed check does not lower the priority enough to move the VIPs.',
    why: 'The VIPs move by priority only when the lowered one is below the peer’s. With 150 - 20 = 130 against 100 nothing moves, ever: the check is decoration.',
    instead: 'Choose a weight so that priority + weight is below the lowest priority of the other load balancers.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.tracks.flatMap((track) => {
          const script = node.keepalived?.scripts.find((one) => one.name === track.name);
          const weight = track.weight ?? script?.weight?.value;
          const own = instance.priority?.value ?? PRIORITY;
          const peers = twins(scene, node, instance.name).map((twin) => ({
            name: twin.node.name,
            priority: twin.instance.priority?.value ?? PRIORITY,
          }));
          if (weight === undefined || weight === 0 || peers.length === 0) return [];
          const below = peers.filter((peer) => peer.priority < own);
          const best = below.reduce((most, peer) => (peer.priority > most.priority ? peer : most), below[0]!);
          if (!best) return [];
          const lowered = weight < 0 ? own + weight : own;
          const against = weight < 0 ? best.priority : best.priority + weight;
          if (lowered < against) return [];
          const at = track.weight !== undefined ? track.at : (script?.weight?.at ?? track.at);
          const enough = own - Math.min(...peers.map((peer) => peer.priority)) + 10;
          return [
            {
              place: node.place(at),
              found:
                weight < 0
                  ? `${own} - ${-weight} = ${lowered} is not below ${best.name}’s ${best.priority}: a failed check never moves the VIPs off ${node.name}.`
                  : `${best.name}’s ${best.priority} + ${weight} = ${against} is not above ${node.name}’s ${own}: a failed check never moves the VIPs off ${node.name}.`,
              write: [`weight -${Math.min(253, Math.max(60, enough))}`],
            },
          ];
        }),
      ),
  },
  {
    id: 'priority-equal',
    severity: 'warning',
    title: 'Two load balancers have the same priority.',
    why: 'Who holds the VIPs after a failure is then decided by addresses and by chance, and no failback brings them home.',
    instead: 'Give each load balancer a priority of its own.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        const own = instance.priority?.value ?? PRIORITY;
        const same = twins(scene, node, instance.name).filter(
          (twin) => (twin.instance.priority?.value ?? PRIORITY) === own && twin.node.name > node.name,
        );
        return same.map((twin) => ({
          place: node.place(instance.priority?.at ?? instance.at),
          found: `${instance.name} has priority ${own} on ${node.name} and on ${twin.node.name}.`,
          related: [twin.node.place(twin.instance.priority?.at ?? twin.instance.at)],
          write: [`priority ${Math.max(1, own - 50)}    # on ${twin.node.name}`],
        }));
      }),
  },
  {
    id: 'state-master-on-both',
    severity: 'warning',
    title: 'More than one load balancer starts as MASTER.',
    why: 'Harmless with keepalived 2.x. With 1.3.5 the lower one takes the VIPs for a moment at each start. It also defeats nopreempt.',
    instead: 'Write `state BACKUP` on all of them: who starts asks first, and the priority decides in any case.',
    write: ['state BACKUP'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        if (instance.state?.value !== 'MASTER') return [];
        const others = twins(scene, node, instance.name).filter((twin) => twin.instance.state?.value === 'MASTER');
        const [first] = scene.balancers.filter((one) => one === node || others.some((twin) => twin.node === one));
        if (others.length === 0 || first !== node) return [];
        return [
          {
            place: node.place(instance.state.at),
            found: `${instance.name} is MASTER on ${[node, ...others.map((twin) => twin.node)].map((one) => one.name).join(' and ')}.`,
            related: others.map((twin) => twin.node.place(twin.instance.state?.at ?? twin.instance.at)),
          },
        ];
      }),
  },
  {
    id: 'nopreempt-with-master',
    severity: 'error',
    title: 'nopreempt stands beside state MASTER and is thrown away.',
    why: 'keepalived says "nopreempt will not work with initial state MASTER - clearing": the VIPs do come back after a repair, which is what was to be avoided.',
    instead: 'With nopreempt the state must be BACKUP, on every load balancer.',
    write: ['state BACKUP'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.nopreempt && instance.state?.value === 'MASTER'
          ? [{ place: node.place(instance.nopreempt), found: `${instance.name} has nopreempt and state MASTER.` }]
          : [],
      ),
  },
  {
    id: 'nopreempt-with-weight',
    severity: 'error',
    title: 'nopreempt makes the backup ignore a priority that a failed check has lowered.',
    why: 'With nopreempt a backup does not take over from a living master, however low its priority has become. A failed check with a weight then moves nothing.',
    instead: 'Use either nopreempt with a check without weight (a failure is then FAULT), or preemption with a weight.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        const weighed = instance.tracks.find((track) => {
          const script = node.keepalived?.scripts.find((one) => one.name === track.name);
          return (track.weight ?? script?.weight?.value ?? 0) !== 0;
        });
        return instance.nopreempt && instance.state?.value !== 'MASTER' && weighed
          ? [
              {
                place: node.place(instance.nopreempt),
                found: `${instance.name} has nopreempt, and its check ${weighed.name} works by a weight.`,
              },
            ]
          : [];
      }),
  },
  {
    id: 'repair-moves-vip-at-once',
    severity: 'warning',
    title: 'One good answer of the check is enough to move the VIPs back.',
    why: 'Every repair costs a second move, and every move cuts long connections. A flapping nginx becomes a flapping VIP.',
    instead: 'Ask for several good answers in a row (rise), or set nopreempt or preempt_delay.',
    write: ['rise 3'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        if (instance.nopreempt || instance.preemptDelay) return [];
        return instance.tracks.flatMap((track) => {
          const script = node.keepalived?.scripts.find((one) => one.name === track.name);
          if (!script || script.rise > 1) return [];
          const line = script.at.block?.findLast((one) => one.words[0] === 'rise');
          return [
            {
              place: node.place(line ?? script.at),
              found: `${instance.name} preempts, and ${script.name} counts as good after ${script.rise} answer.`,
            },
          ];
        });
      }),
  },
  {
    id: 'adverts-by-multicast',
    severity: 'note',
    title: 'Adverts go by multicast, one way only.',
    why: 'A switch, a hypervisor or a firewall that drops 224.0.0.18 or IP protocol 112 makes both load balancers hold the VIPs, mostly without a line in any log.',
    instead: 'Name the peers, so that adverts are ordinary unicast; in any case let protocol 112 pass both ways.',
    write: ['unicast_src_ip ADDRESS_OF_THIS_NODE', 'unicast_peer {', '    ADDRESS_OF_THE_OTHER', '}'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.peers.length === 0
          ? [{ place: node.place(instance.at), found: `${instance.name} has no unicast_peer.` }]
          : [],
      ),
  },
  {
    id: 'vrid-of-every-example',
    severity: 'warning',
    title: 'virtual_router_id is 51, the number of every example.',
    why: 'A second pair on the same LAN that was set up from the same page has it too: the pairs then hear and disturb each other.',
    instead: 'Take a number that nobody else on the LAN has, for example the last part of the first VIP.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        const first = instance.vips[0]?.value.split('.')[3];
        // By unicast a strange pair is not heard.
        if (instance.vrid?.value !== 51 || instance.peers.length > 0 || first === '51') return [];
        return [
          {
            place: node.place(instance.vrid.at),
            found: `${instance.name} has virtual_router_id 51 and listens to multicast.`,
            ...(first === undefined || first === '0' ? {} : { write: [`virtual_router_id ${first}`] }),
          },
        ];
      }),
  },
  {
    id: 'auth-pass-of-every-example',
    severity: 'warning',
    title: 'auth_pass is one that everybody knows.',
    why: 'It goes over the wire in clear text and keeps nobody out; its one use is to keep two pairs apart, and the example’s password does not do that.',
    instead: 'Leave the authentication block out (VRRPv3 has none), or take a password of this pair alone.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.authPass && EVERYBODYS.test(instance.authPass.value)
          ? [{ place: node.place(instance.authPass.at), found: `${instance.name} has a password from an example.` }]
          : [],
      ),
  },
  {
    id: 'auth-pass-cut',
    severity: 'warning',
    title: 'auth_pass is longer than eight characters.',
    why: 'keepalived cuts it after eight, with a warning; a peer that reads it in another way does not hear this one.',
    instead: 'Write at most eight characters.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.authPass && instance.authPass.value.length > 8
          ? [
              {
                place: node.place(instance.authPass.at),
                found: `The password of ${instance.name} has ${instance.authPass.value.length} characters.`,
              },
            ]
          : [],
      ),
  },
  {
    id: 'garp-refresh-unset',
    severity: 'warning',
    title: 'The master never says again whose the VIPs are.',
    why: 'After a foreign or stale ARP entry nobody corrects the clients: every request timed out for the 15 s that were watched.',
    instead: 'Let the master repeat its gratuitous ARP.',
    write: ['vrrp_garp_master_refresh 10'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        const global = Number(node.keepalived?.global('vrrp_garp_master_refresh')?.words[1] ?? 0);
        return global > 0 || instance.garpRefresh
          ? []
          : [
              {
                place: node.place(instance.at),
                found: `Neither global_defs nor ${instance.name} sets garp_master_refresh.`,
              },
            ];
      }),
  },
  {
    id: 'no-check-at-all',
    severity: 'error',
    title: 'The instance looks at no service: only the death of the machine moves its VIPs.',
    why: 'When nginx stops, hangs or listens on another port, the VIPs stay and every client is refused, for ever.',
    instead: 'Track a script that asks nginx for an answer.',
    write: ['track_script {', '    check_nginx', '}'],
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.tracks.length === 0 && !instance.tracksOther
          ? [{ place: node.place(instance.at), found: `${instance.name} has no track_script.` }]
          : [],
      ),
  },
  {
    id: 'check-not-defined',
    severity: 'error',
    title: 'A check is tracked that no vrrp_script defines.',
    why: 'keepalived ignores the line: the instance has no health check, and says so only in the log of its start.',
    instead: 'Use the name of a vrrp_script of this file.',
    needs: NEEDS,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        instance.tracks
          .filter((track) => !node.keepalived?.scripts.some((one) => one.name === track.name))
          .map((track) => ({
            place: node.place(track.at),
            found: `${instance.name} tracks ${track.name}, which is defined nowhere.`,
          })),
      ),
  },
];
