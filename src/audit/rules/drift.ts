import type { Directive } from '../../conf-files/directive.ts';
import { known } from '../input.ts';
import type { Instance } from '../keepalived.ts';
import { groupsOf, parameter } from '../nginx.ts';
import { shownLine } from '../redact.ts';
import type { Hit, Place, Rule, Severity } from '../rule.ts';
import { eachInstance, type Scene, type SceneNode, twins } from '../scene.ts';
import { shellLines } from '../shell.ts';

/** Every load balancer beside the first of the file, which it is compared with. */
const pairs = ({ balancers }: Scene): { first: SceneNode; other: SceneNode }[] => {
  const [first, ...others] = balancers;
  return first ? others.map((other) => ({ first, other })) : [];
};

/** Instances of the others with their twin on the first load balancer. */
const twinPairs = (scene: Scene) =>
  pairs(scene).flatMap(({ first, other }) =>
    (other.keepalived?.instances ?? []).flatMap((theirs) =>
      twins(scene, other, theirs.name)
        .filter((twin) => twin.node === first)
        .map((twin) => ({ first, other, ours: twin.instance, theirs })),
    ),
  );

/** One value of an instance that must be equal. `show: false`: it is a secret. */
const equal = (
  rule: Pick<Rule, 'id' | 'title' | 'why'> & { severity?: Severity },
  word: string,
  read: (instance: Instance) => { value: string; at: Directive } | undefined,
  show = true,
): Rule => ({
  severity: 'error',
  instead: `Write the same ${word} on both.`,
  needs: ['keepalived.conf'],
  ...rule,
  find: (scene) =>
    twinPairs(scene).flatMap(({ first, other, ours, theirs }) => {
      const [a, b] = [read(ours), read(theirs)];
      if (a?.value === b?.value) return [];
      const said = (one: typeof a) => (one === undefined ? 'none' : show ? one.value : 'another one');
      return [
        {
          place: other.place(b?.at ?? theirs.at),
          found: show
            ? `${theirs.name}: ${word} ${said(b)} on ${other.name}, ${said(a)} on ${first.name}.`
            : `${theirs.name}: ${word} on ${other.name} is not that of ${first.name}.`,
          related: [first.place(a?.at ?? ours.at)],
        },
      ];
    }),
});

const text = (said: { value: string | number; at: Directive } | undefined) =>
  said && { value: String(said.value), at: said.at };

const vipsOf = (instance: Instance) => {
  const [first] = instance.vips;
  return {
    value: [...new Set(instance.vips.map((one) => one.value))].sort().join(' ') || 'none',
    at: first?.at ?? instance.at,
  };
};

/** Words that may differ between the load balancers, or have a rule of their own. */
const OWN = new Set([
  ...[
    'router_id',
    'priority',
    'state',
    'interface',
    'unicast_src_ip',
    'unicast_peer',
    'virtual_router_id',
    'advert_int',
  ],
  ...['authentication', 'virtual_ipaddress', 'virtual_ipaddress_excluded', 'mcast_src_ip', 'track_interface', 'lvs_id'],
]);

/** Every other line of a file as one text, with where it stands. */
const lines = (list: readonly Directive[], prefix = ''): { text: string; at: Directive }[] =>
  list
    .filter((one) => !OWN.has(one.words[0] ?? ''))
    .flatMap((at) => {
      const own = `${prefix}${at.words.join(' ')}`;
      return [{ text: own, at }, ...lines(at.block ?? [], `${own} > `)];
    });

/** What stands on one side only, each line as often as it is there more. */
const onlyIn = <T extends { text: string }>(mine: readonly T[], theirs: readonly T[]): T[] => {
  const left = new Map<string, number>();
  for (const { text } of theirs) left.set(text, (left.get(text) ?? 0) + 1);
  return mine.filter(({ text }) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
};

/** Two lists of lines compared: one hit for the pair, with the first lines that differ. */
const compared = (
  { first, other }: { first: SceneNode; other: SceneNode },
  what: string,
  ours: { text: string; place: () => Place }[],
  theirs: { text: string; place: () => Place }[],
  fallback: Place,
): Hit[] => {
  const more = onlyIn(theirs, ours);
  const less = onlyIn(ours, theirs);
  if (more.length + less.length === 0) return [];
  const shown = (list: { text: string }[]) => {
    const head = list.slice(0, 2).map((one) => `"${shownLine(one.text.split(' > ').at(-1) ?? '')}"`);
    return `${head.join(', ')}${list.length > 2 ? ` and ${list.length - 2} more` : ''}`;
  };
  const parts = [
    ...(more.length > 0 ? [`${other.name} alone has ${shown(more)}`] : []),
    ...(less.length > 0 ? [`${first.name} alone has ${shown(less)}`] : []),
  ];
  return [
    {
      place: more[0]?.place() ?? fallback,
      found: `${what}: ${parts.join('; ')}.`,
      related: less.slice(0, 1).map((one) => one.place()),
    },
  ];
};

const serversOf = (root: readonly Directive[]) =>
  groupsOf(root).flatMap((group) =>
    group.all.map((at) => ({
      text: `${group.name} ${at.words[1]}${at.words.includes('down') ? ' down' : ''}${at.words.includes('backup') ? ' backup' : ''} weight=${parameter(at, 'weight') ?? 1}`,
      at,
    })),
  );

const nginxLines = (list: readonly Directive[], prefix = ''): { text: string; at: Directive }[] =>
  list
    // The servers have a rule of their own.
    .filter((one) => !(one.words[0] === 'server' && prefix.includes('upstream')))
    .flatMap((at) => {
      const own = `${prefix}${at.words.join(' ')}`;
      return [{ text: own, at }, ...nginxLines(at.block ?? [], `${own} > `)];
    });

const CONF = ['keepalived.conf'] as const;

/** What must be the same on every load balancer, held against the first. */
export const driftRules: readonly Rule[] = [
  {
    id: 'drift-instances',
    severity: 'error',
    title: 'A load balancer has an instance that another one has not.',
    why: 'Nobody takes over the VIPs of that instance.',
    instead: 'Write every instance on both, under the same name.',
    needs: CONF,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) => {
        const missing = scene.balancers.filter(
          (other) =>
            other !== node &&
            other.keepalived &&
            other.keepalivedTree?.problems.length === 0 &&
            !twins(scene, node, instance.name).some((twin) => twin.node === other),
        );
        return missing.map((other) => ({
          place: node.place(instance.at),
          found: `${instance.name} is on ${node.name} and not on ${other.name}.`,
        }));
      }),
  },
  equal(
    {
      id: 'drift-vrid',
      title: 'virtual_router_id differs: the load balancers do not hear each other.',
      why: 'Both hold the VIPs, and no log says a word.',
    },
    'virtual_router_id',
    (one) => text(one.vrid),
  ),
  equal(
    {
      id: 'drift-auth',
      title: 'The VRRP password differs: the load balancers refuse each other’s adverts.',
      why: 'Both hold the VIPs; the log says "received an invalid passwd!" every second.',
    },
    'auth_pass',
    (one) => text(one.authPass),
    false,
  ),
  equal(
    {
      id: 'drift-advert-interval',
      title: 'advert_int differs: adverts are thrown away.',
      why: 'Both hold the VIPs after a few seconds ("advertisement interval mismatch").',
    },
    'advert_int',
    (one) => text(one.advert),
  ),
  equal(
    {
      id: 'drift-vips',
      title: 'The lists of VIPs differ.',
      why: 'Both hold VIPs ("unexpected ip number count"), and what is on one side only is lost when that one fails.',
    },
    'list of VIPs:',
    vipsOf,
  ),
  {
    id: 'drift-unicast-peers',
    severity: 'error',
    title: 'A load balancer does not name its peer in unicast_peer, or not by the address that the peer sends from.',
    why: 'Adverts go one way or nowhere: both hold the VIPs.',
    instead: 'Each unicast_peer names the unicast_src_ip of every other load balancer.',
    needs: CONF,
    find: (scene) =>
      eachInstance(scene).flatMap(({ node, instance }) =>
        twins(scene, node, instance.name).flatMap((twin) => {
          const { source, peers } = twin.instance;
          if (instance.peers.length === 0 && peers.length === 0) return [];
          const at = instance.at.block?.find((one) => one.words[0] === 'unicast_peer') ?? instance.at;
          if (instance.peers.length === 0)
            return [
              {
                place: node.place(at),
                found: `${node.name} sends by multicast, ${twin.node.name} by unicast.`,
                related: [twin.node.place(twin.instance.at)],
              },
            ];
          return source && !instance.peers.some((one) => one.value === source.value)
            ? [
                {
                  place: node.place(at),
                  found: `${twin.node.name} sends from ${source.value}, which ${node.name} does not name.`,
                  related: [twin.node.place(source.at)],
                  write: [source.value],
                },
              ]
            : [];
        }),
      ),
  },
  {
    id: 'drift-keepalived-conf',
    severity: 'warning',
    title: 'keepalived.conf differs in more than a node’s own values.',
    why: 'After a move the pair behaves in another way than before it, and nobody knows which one was meant.',
    instead: 'Keep one file for both; only router_id, priority, state, interface and the unicast addresses may differ.',
    needs: CONF,
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) => {
        if (!first.keepalived || !other.keepalived) return [];
        const withPlace = (node: SceneNode) =>
          lines(node.keepalived?.root ?? []).map(({ text, at }) => ({ text, place: () => node.place(at) }));
        return compared(
          { first, other },
          'keepalived.conf',
          withPlace(first),
          withPlace(other),
          other.placeIn('/etc/keepalived/keepalived.conf'),
        );
      }),
  },
  {
    id: 'router-id-equal',
    severity: 'warning',
    title: 'Two load balancers have the same router_id.',
    why: 'Log lines and mails of the two cannot be told apart.',
    instead: 'Use the node’s name.',
    needs: CONF,
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) => {
        const [a, b] = [first.keepalived?.global('router_id'), other.keepalived?.global('router_id')];
        return a && b && a.words[1] === b.words[1]
          ? [
              {
                place: other.place(b),
                found: `router_id is "${shownLine(b.words[1] ?? '')}" on ${first.name} too.`,
                related: [first.place(a)],
                write: [`router_id ${other.name}`],
              },
            ]
          : [];
      }),
  },
  {
    id: 'drift-check-script',
    severity: 'error',
    title: 'The check scripts differ.',
    why: 'The same failure moves the VIPs from one load balancer and not from the other.',
    instead: 'Install the same script with the same mode on both.',
    needs: ['keepalived.conf', 'check script'],
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) =>
        other.checks.flatMap(({ script, file }) => {
          const theirs = known(file);
          const mine = known(first.checks.find((one) => one.script.name === script.name)?.file);
          if (!theirs || !mine) return [];
          const withPlace = (node: SceneNode, { path, text }: { path: string; text: string }) =>
            shellLines(text).map((one) => ({ text: one.text, place: () => node.placeIn(path, one.line) }));
          const hits = compared(
            { first, other },
            script.name,
            withPlace(first, mine),
            withPlace(other, theirs),
            other.placeIn(theirs.path),
          );
          const modes =
            mine.mode !== undefined && theirs.mode !== undefined && (mine.mode & 0o777) !== (theirs.mode & 0o777);
          const octal = (mode: number) => `0${(mode & 0o777).toString(8)}`;
          return modes && hits.length === 0
            ? [
                {
                  place: other.placeIn(theirs.path),
                  found: `Its mode is ${octal(theirs.mode!)} on ${other.name}, ${octal(mine.mode!)} on ${first.name}.`,
                  related: [first.placeIn(mine.path)],
                },
              ]
            : hits;
        }),
      ),
  },
  {
    id: 'drift-upstream',
    severity: 'error',
    title: 'The load balancers pass requests to different web nodes.',
    why: 'A move of the VIPs changes which web nodes serve; one that is missing there is no longer used.',
    instead: 'Write the same upstream servers on both.',
    needs: ['nginx.conf'],
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) => {
        if (!first.nginx || !other.nginx) return [];
        const withPlace = (node: SceneNode) =>
          serversOf(node.nginx ?? []).map(({ text, at }) => ({ text, place: () => node.place(at) }));
        return compared(
          { first, other },
          'upstream',
          withPlace(first),
          withPlace(other),
          other.placeIn('/etc/nginx/nginx.conf'),
        );
      }),
  },
  {
    id: 'drift-nginx-conf',
    severity: 'warning',
    title: 'nginx.conf differs between the load balancers.',
    why: 'A move of the VIPs changes what clients get.',
    instead: 'Keep one nginx.conf for both.',
    needs: ['nginx.conf'],
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) => {
        if (!first.nginx || !other.nginx) return [];
        const withPlace = (node: SceneNode) =>
          nginxLines(node.nginx ?? []).map(({ text, at }) => ({ text, place: () => node.place(at) }));
        return compared(
          { first, other },
          'nginx.conf',
          withPlace(first),
          withPlace(other),
          other.placeIn('/etc/nginx/nginx.conf'),
        );
      }),
  },
  {
    id: 'drift-versions',
    severity: 'warning',
    title: 'The load balancers run different versions.',
    why: 'keepalived 1.3 and 2.x differ in defaults, timers and messages: the pair behaves in one way before a move and in another after it.',
    instead: 'Bring both to the same version.',
    needs: ['versions'],
    find: (scene) =>
      pairs(scene).flatMap(({ first, other }) =>
        ['keepalived', 'nginx'].flatMap((name) => {
          const [a, b] = [known(first.versions.get(name)), known(other.versions.get(name))];
          return a !== undefined && b !== undefined && a !== b
            ? [{ place: { node: other.name }, found: `${name} ${b} on ${other.name}, ${a} on ${first.name}.` }]
            : [];
        }),
      ),
  },
];
