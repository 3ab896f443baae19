import { known } from '../input.ts';
import type { Rule } from '../rule.ts';
import { eachInstance } from '../scene.ts';
import { isSampleText } from '../web-page.ts';

/** What stands on a node around the files, and what the cluster file says of them. */
export const nodeRules: readonly Rule[] = [
  {
    id: 'unit-not-enabled',
    severity: 'error',
    title: 'A service does not start at boot.',
    why: 'After a power loss the node comes back and serves nothing; after a power loss of both nobody holds the VIPs.',
    instead: 'Enable it on every node.',
    needs: ['units'],
    find: ({ nodes }) =>
      nodes.flatMap((node) =>
        [...node.units].flatMap(([unit, seen]) => {
          const state = known(seen);
          return state === undefined || /^(enabled|alias|static|indirect|generated)$/.test(state)
            ? []
            : [
                {
                  place: { node: node.name },
                  found: `${unit} is ${state}.`,
                  write: [
                    ...(state.startsWith('masked') ? [`systemctl unmask ${unit}`] : []),
                    `systemctl enable ${unit}`,
                  ],
                },
              ];
        }),
      ),
  },
  {
    id: 'keepalived-test-fails',
    severity: 'error',
    title: 'keepalived itself refuses its file, or would leave something out.',
    why: 'A reload of a broken file ends keepalived and leaves the VIPs behind: both nodes then hold them.',
    instead: 'Correct what it says, and run `keepalived -t` before every reload.',
    needs: ['keepalived -t'],
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        (known(node.keepalivedTest) ?? [])
          .filter((one) => one.weight !== 'harmless')
          .slice(0, 10)
          .map(({ weight, text }) => {
            const line = Number(/^line (\d{1,6}):/.exec(text)?.[1] ?? Number.NaN);
            return {
              place: node.placeIn('/etc/keepalived/keepalived.conf', Number.isNaN(line) ? undefined : line),
              found: `${text} (${weight === 'fatal' ? 'a reload would end keepalived' : 'keepalived would leave it out'}).`,
            };
          }),
      ),
  },
  {
    id: 'nginx-test-fails',
    severity: 'error',
    title: 'nginx itself refuses its file.',
    why: 'While nginx runs nobody sees it; the next restart, by a person or by the check script, ends it for good.',
    instead: 'Correct what it says, and run `nginx -t` before every reload.',
    needs: ['nginx -t'],
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const [first] = known(node.nginxTest) ?? [];
        const at = /(\/[^\s:]{1,200}):(\d{1,6})$/.exec(first ?? '');
        return first === undefined
          ? []
          : [{ place: at ? node.placeIn(at[1]!, Number(at[2])) : node.placeIn('/etc/nginx/nginx.conf'), found: first }];
      }),
  },
  {
    id: 'clock-not-kept',
    severity: 'warning',
    title: 'Nothing keeps the clock of the node right.',
    why: 'A clock that was set once drifts: logs of two nodes cannot be put in order, and every post-mortem is wrong.',
    instead: 'Run chrony or systemd-timesyncd.',
    write: ['systemctl enable --now systemd-timesyncd    # or chrony'],
    needs: ['time'],
    find: ({ nodes }) =>
      nodes.flatMap((node) =>
        node.timeSync.is === 'absent'
          ? [{ place: { node: node.name }, found: 'No chronyd, ntpd or systemd-timesyncd is active.' }]
          : [],
      ),
  },
  {
    id: 'web-page-in-noindex',
    severity: 'warning',
    title: 'The web node’s page is httpd’s own "no index" page, which is sent with status 403.',
    why: 'Every healthy answer is a 403: checks that look at the status call the site down, and caches and clients treat it as an error.',
    instead: 'Put the page into the document root.',
    write: ['/var/www/html/index.html'],
    needs: ['web page'],
    find: ({ webs }) =>
      webs.flatMap((node) =>
        [...node.files].flatMap(([path, seen]) => {
          const file = known(seen);
          const rooted = node.files.get('/var/www/html/index.html')?.is === 'seen';
          return file && /\/noindex\/index\.html$/.test(path) && !rooted && !isSampleText(file.text)
            ? [{ place: node.placeIn(path, 1), found: 'The page was written there.' }]
            : [];
        }),
      ),
  },
  {
    id: 'vip-not-watched',
    severity: 'warning',
    title: 'keepalived has a VIP that the cluster file does not name.',
    why: 'Nobody looks whether it answers: all VIPs move together, and still one of them may be lost or stolen alone.',
    instead: 'Name every VIP in the cluster file (or none: then they are read from the nodes).',
    needs: ['keepalived.conf'],
    find: ({ input, ...scene }) => {
      const named = input.vips ?? [];
      if (named.length === 0) return [];
      return eachInstance({ input, ...scene }).flatMap(({ node, instance }) =>
        instance.vips
          .filter((vip) => !named.includes(vip.value))
          .map((vip) => ({
            place: node.place(vip.at),
            found: `${vip.value} of ${instance.name} is not in the cluster file.`,
          })),
      );
    },
  },
  {
    id: 'vip-nowhere',
    severity: 'error',
    title: 'The cluster file names a VIP that keepalived on the load balancer does not have.',
    why: 'Nobody holds it, and nobody ever will.',
    instead: 'Write it into virtual_ipaddress on every load balancer, or take it out of the cluster file.',
    needs: ['keepalived.conf'],
    find: ({ input, balancers }) =>
      balancers.flatMap((node) => {
        const { keepalived } = node;
        if (!keepalived || node.keepalivedTree?.problems.length !== 0 || keepalived.instances.length === 0) return [];
        const own = keepalived.instances.flatMap((one) => one.vips.map(({ value }) => value));
        return (input.vips ?? [])
          .filter((vip) => !own.includes(vip))
          .map((vip) => ({
            place: node.place(keepalived.instances[0]!.at),
            found: `${vip} stands in no instance of ${node.name}.`,
            write: [vip],
          }));
      }),
  },
];
