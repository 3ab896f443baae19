import type { Rule } from '../rule.ts';
import { eachInstance } from '../scene.ts';

const NEEDS = ['keepalived.conf'] as const;

/** keepalived.conf as a whole and its global_defs. */
export const globalRules: readonly Rule[] = [
  {
    id: 'keepalived-conf-broken',
    severity: 'error',
    title: 'keepalived.conf cannot be read to its end.',
    why: 'A reload or restart with a broken file ends keepalived; after a reload its VIPs stay behind and both nodes hold them.',
    instead: 'Correct the braces, and run `keepalived -t` before every reload.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        (node.keepalivedTree?.problems ?? []).map(({ file, line, text }) => ({
          place: node.placeIn(file, line),
          found: `Line ${line}: ${text}.`,
        })),
      ),
  },
  {
    id: 'instance-value-missing',
    severity: 'error',
    title: 'An instance lacks what it cannot work without, or has a value that is not allowed.',
    why: 'keepalived drops the instance or ends itself: this load balancer never holds a VIP.',
    instead: 'virtual_router_id 1 to 255, priority 1 to 254, and at least one address in virtual_ipaddress.',
    needs: NEEDS,
    find: ({ balancers, ...scene }) =>
      eachInstance({ balancers, ...scene }).flatMap(({ node, instance }) => {
        const { vrid, priority } = instance;
        const at = node.place;
        const word = (name: string) => instance.at.block?.findLast((one) => one.words[0] === name);
        const outside = (value: number | undefined, most: number) =>
          value === undefined || !Number.isInteger(value) || value < 1 || value > most;
        return [
          ...(outside(vrid?.value, 255)
            ? [
                {
                  place: at(word('virtual_router_id') ?? instance.at),
                  found: vrid
                    ? `virtual_router_id ${vrid.value} is not in 1..255.`
                    : `${instance.name} has no virtual_router_id that is a number.`,
                },
              ]
            : []),
          ...(word('priority') && outside(priority?.value, 255)
            ? [{ place: at(word('priority')!), found: `The priority of ${instance.name} is not in 1..255.` }]
            : []),
          ...(instance.vips.length === 0
            ? [{ place: at(instance.at), found: `${instance.name} has no address in virtual_ipaddress.` }]
            : []),
        ];
      }),
  },
  {
    id: 'no-instance',
    severity: 'error',
    title: 'keepalived.conf has no vrrp_instance.',
    why: 'keepalived runs, looks healthy and holds no VIP.',
    instead: 'Write the instance of the pair.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        node.keepalived && node.keepalivedTree?.problems.length === 0 && node.keepalived.instances.length === 0
          ? [
              {
                place: node.placeIn('/etc/keepalived/keepalived.conf'),
                found: `No vrrp_instance stands in it${node.keepalivedTree.missing.length > 0 ? ', nor in the includes that could be read' : ''}.`,
              },
            ]
          : [],
      ),
  },
  {
    id: 'keepalived-include-missing',
    severity: 'warning',
    title: 'keepalived.conf includes a file that is not there.',
    why: 'What was to be in it does not count; keepalived says so in its log at start and goes on.',
    instead: 'Put the file in its place, or take the include out.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        (node.keepalivedTree?.missing ?? [])
          .filter((one) => node.files.get(one.words[1] ?? '')?.is === 'absent')
          .map((one) => ({ place: node.place(one), found: `${one.words[1]} is not there.` })),
      ),
  },
  {
    id: 'garp-interval-zero',
    severity: 'warning',
    title: 'An interval of gratuitous ARP is 0, which keepalived 2.x refuses.',
    why: 'It is the default anyway, but `keepalived -t` then complains ("number 0 outside range") and ends with a failure on a file that works, so that nobody trusts its status any more.',
    instead: 'Leave the line out.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        (node.keepalived?.globals ?? [])
          .filter((one) => /^vrrp_(garp|gna)_interval$/.test(one.words[0] ?? '') && Number(one.words[1]) === 0)
          .map((one) => ({ place: node.place(one), found: `${one.words[0]} is 0.` })),
      ),
  },
  {
    id: 'vrrp-strict',
    severity: 'error',
    title: 'vrrp_strict drops what is sent to the VIPs.',
    why: 'It adds a firewall rule against all traffic to the VIPs and forbids passwords and unicast: the VIPs are held and nobody gets an answer.',
    instead: 'Leave the line out.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const strict = node.keepalived?.global('vrrp_strict');
        return strict ? [{ place: node.place(strict), found: 'vrrp_strict is on.' }] : [];
      }),
  },
  {
    id: 'advert-addresses-unchecked',
    severity: 'note',
    title: 'Adverts with another list of VIPs are taken without a word.',
    why: 'With vrrp_skip_check_adv_addr a peer that has a VIP more or less is not noticed, and that VIP is lost or held twice after a move.',
    instead: 'Leave vrrp_skip_check_adv_addr out.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const skip = node.keepalived?.global('vrrp_skip_check_adv_addr');
        return skip && !/^(false|off|no)$/.test(skip.words[1] ?? '')
          ? [{ place: node.place(skip), found: 'vrrp_skip_check_adv_addr is on.' }]
          : [];
      }),
  },
  {
    id: 'sample-mail-settings',
    severity: 'warning',
    title: 'The mail settings are those of the sample file.',
    why: 'They look as if somebody were told of a failover. Nobody is: the addresses and the server are an example’s.',
    instead:
      'Leave them out, or write your own with smtp_alert in the instance; `haconsole check` from your monitoring sees more.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const globals = node.keepalived?.globals ?? [];
        const sample = (text: string | undefined) => /@firewall\.loc$|^192\.168\.200\.1$/.test(text ?? '');
        const lines = globals.flatMap((one) => [
          ...(sample(one.words[1]) ? [one] : []),
          ...(one.words[0] === 'notification_email' ? (one.block ?? []).filter((mail) => sample(mail.words[0])) : []),
        ]);
        const [first] = lines;
        return first
          ? [
              {
                place: node.place(first),
                found: `${lines.length} line${lines.length > 1 ? 's are' : ' is'} the sample’s.`,
              },
            ]
          : [];
      }),
  },
  {
    id: 'mail-never-sent',
    severity: 'warning',
    title: 'A mail address is set, but nothing sends mail.',
    why: 'Without smtp_alert no transition is ever mailed: the promise of a notification is empty.',
    instead: 'Write `smtp_alert` in the instance, or leave the addresses out.',
    write: ['smtp_alert true'],
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const mail = node.keepalived?.global('notification_email');
        const alerts = [
          ...(node.keepalived?.globals ?? []),
          ...(node.keepalived?.instances ?? []).flatMap((one) => one.at.block ?? []),
        ].some((one) => /^smtp_alert/.test(one.words[0] ?? ''));
        return mail && !alerts
          ? [{ place: node.place(mail), found: 'notification_email is set, smtp_alert is not.' }]
          : [];
      }),
  },
];
