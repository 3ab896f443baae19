import { visibleText } from '../cluster/visible-text.ts';
import type { Draft, DraftNode } from './draft.ts';
import type { WaySettings } from './ways.ts';

/** What the file says of the way in. */
export type WayIn = { jump: readonly string[]; settings: WaySettings; knownHosts?: readonly string[] };

const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A YAML scalar that is read back as this very text, in a block or between braces. */
export const scalar = (text: string): string =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (/^[~/]{0,2}[A-Za-z][\w./@-]*$/.test(text) && !RESERVED.test(text))
    ? text
    : JSON.stringify(text);

const list = (texts: readonly string[]): string => `[${texts.map(scalar).join(', ')}]`;

const WIDTH = 110;

/** A comment of as many lines as it needs. */
const comment = (text: string, indent = ''): string[] => {
  const rows: string[] = [];
  let row = '';
  for (const word of visibleText(text, 600).split(' ')) {
    if (row !== '' && row.length + word.length + 1 > WIDTH - indent.length) {
      rows.push(row);
      row = '';
    }
    row = row === '' ? word : `${row} ${word}`;
  }
  return [...rows, row].map((one) => `${indent}# ${one}`.trimEnd());
};

/** `~/…` for what lies below the home directory. */
const homely = (path: string, home: string): string =>
  path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;

const sshFields = ({ user, port, identity, hostKeyAlias }: WaySettings, home: string): string[] => [
  ...(user === undefined ? [] : [`user: ${scalar(user)}`]),
  ...(port === undefined ? [] : [`port: ${port}`]),
  ...(identity === undefined ? [] : [`identity: ${list(identity.map((path) => homely(path, home)))}`]),
  ...(hostKeyAlias === undefined ? [] : [`hostKeyAlias: ${scalar(hostKeyAlias)}`]),
];

const nodeLines = ({ name, address, priority, identity, port, ssh, notes }: DraftNode, home: string): string[] => {
  const fields = [
    `name: ${scalar(name)}`,
    `address: ${scalar(address)}`,
    ...(priority === undefined ? [] : [`priority: ${priority}`]),
    ...(identity === undefined ? [] : [`identity: ${JSON.stringify(identity)}`]),
    ...(port === undefined ? [] : [`http: { port: ${port} }`]),
    ...(ssh === undefined ? [] : [`ssh: { ${sshFields(ssh, home).join(', ')} }`]),
  ];
  return [...notes.flatMap((note) => comment(note, '  ')), `  - { ${fields.join(', ')} }`];
};

const group = (key: string, nodes: readonly DraftNode[], home: string): string[] =>
  nodes.length === 0 ? [`${key}: []`] : [`${key}:`, ...nodes.flatMap((node) => nodeLines(node, home))];

/** The text of the cluster file: every value with where it comes from, what is not known as a comment. `when` is a date in words. */
export const clusterText = (draft: Draft, way: WayIn, { home, when }: { home: string; when: string }): string => {
  const { hostKeyAlias: _, ...usual } = way.settings;
  const ssh = [
    ...sshFields(usual, home),
    ...(way.jump.length === 0 ? [] : [`jump: ${way.jump.length === 1 ? scalar(way.jump[0]!) : list(way.jump)}`]),
    ...(way.knownHosts === undefined ? [] : [`knownHosts: ${list(way.knownHosts.map((path) => homely(path, home)))}`]),
  ];
  const { vrrp } = draft;
  const vrrpFields = [
    ...(vrrp.interface === undefined ? [] : [`interface: ${scalar(vrrp.interface)}`]),
    ...(vrrp.virtualRouterId === undefined ? [] : [`virtualRouterId: ${vrrp.virtualRouterId}`]),
    ...(vrrp.advertInterval === undefined ? [] : [`advertInterval: ${vrrp.advertInterval}`]),
    ...(vrrp.unicast === undefined ? [] : [`unicast: ${vrrp.unicast}`]),
  ];
  return [
    ...comment(
      `Written by haconsole init on ${when}, from what the nodes say themselves. Read it, then: haconsole check`,
    ),
    ...(draft.open.length === 0
      ? []
      : ['#', ...comment('What could not be found out:'), ...draft.open.flatMap((one) => comment(`- ${one}`))]),
    '',
    `name: ${scalar(draft.name)}`,
    ...(ssh.length === 0 ? [] : ['ssh:', ...ssh.map((field) => `  ${field}`)]),
    ...comment('Virtual IPs, from keepalived.conf.'),
    `vips: ${list(draft.vips)}`,
    ...comment(
      'They run nginx and keepalived; the one with the highest priority first. The priority is read from the nodes: here it is for render alone.',
    ),
    ...group('loadBalancers', draft.loadBalancers, home),
    ...comment('They stand behind nginx. identity: text in the page that names this node and no other.'),
    ...group('webNodes', draft.webNodes, home),
    ...(draft.port === undefined ? [] : [...comment('nginx listens here.'), `http: { port: ${draft.port} }`]),
    ...(draft.checkLog === undefined
      ? []
      : [...comment('Where the check script writes.'), `checkLog: ${scalar(draft.checkLog)}`]),
    ...(vrrpFields.length === 0
      ? []
      : [...comment('For render alone; watching reads it from the nodes.'), `vrrp: { ${vrrpFields.join(', ')} }`]),
    ...comment('On a production pair, true: every action asks for one step more.'),
    'protected: false',
    '',
  ].join('\n');
};
