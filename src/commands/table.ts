/** One subcommand as help, completion and the docs know it. */
export type CommandInfo = {
  name: string;
  usage: string;
  does: string;
  flags: FlagInfo[];
  examples: string[];
  /** It takes words after its name. */
  words?: true;
};
export type FlagInfo = { flag: string; does: string };

const config: FlagInfo = {
  flag: '-c, --config FILE',
  does: 'cluster file (default: ./haconsole.yaml, else $XDG_CONFIG_HOME/haconsole/haconsole.yaml)',
};
const jump: FlagInfo = { flag: '-J, --jump HOST[,HOST…]', does: 'jump host(s), instead of those of the cluster file' };
const reach: FlagInfo[] = [
  config,
  jump,
  { flag: '--via jump|direct', does: 'how HTTP probes travel' },
  { flag: '--interval TIME', does: 'how often everything is looked at (500ms, 2s)' },
  { flag: '--timeout TIME', does: 'deadline of one probe' },
];
const look: FlagInfo[] = [
  { flag: '--read-only', does: 'nothing that writes is executed' },
  { flag: '--no-color', does: 'no colours (also: NO_COLOR)' },
  { flag: '--ascii', does: 'no signs beyond ASCII' },
];

const record: FlagInfo[] = [
  { flag: '--record FILE', does: 'record into this new file (default: one below ~/.local/state/haconsole/recordings)' },
  { flag: '--no-record', does: 'record nothing' },
  { flag: '--require-recording', does: 'nothing is done to a node while recording fails' },
];

const stretch: FlagInfo[] = [
  { flag: '--from T', does: 'begin: 12:03:10 (UTC), an ISO time, +90s from the begin, -5m from the end, 50%' },
  { flag: '--until T', does: 'end, written the same way' },
  { flag: '--around T', does: 'two minutes before and after this time' },
];

/** The commands in the order of help. */
export const commands: readonly CommandInfo[] = [
  {
    name: 'watch',
    usage: 'haconsole [watch] [-c FILE] [-J HOST] [--read-only]',
    does: 'the live console: who holds each VIP, is a backup ready, which web node answers, what just changed',
    flags: [
      ...reach,
      ...look,
      ...record,
      { flag: '--json', does: 'no screen: the event log as JSON lines, until it is ended' },
    ],
    examples: ['haconsole', 'haconsole -c prod.yaml --read-only', 'haconsole -J ops@bastion:2222'],
  },
  {
    name: 'demo',
    usage: 'haconsole demo [--calm | --serve]',
    does: 'the same console on an embedded cluster; without a terminal it prints a few rounds and ends',
    flags: [
      { flag: '--calm', does: 'nothing happens by itself' },
      { flag: '--serve', does: 'the cluster alone: prints its cluster file, takes faults as lines on stdin' },
      ...look,
      ...record,
    ],
    examples: ['haconsole demo', 'haconsole demo --serve'],
  },
  {
    name: 'check',
    usage: 'haconsole check [-c FILE] [-J HOST] [--json] [--prom FILE]',
    does: 'one look, one verdict: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (as monitoring plugins)',
    flags: [
      ...reach,
      { flag: '--json', does: 'one JSON object (schema haconsole.check/1)' },
      {
        flag: '--prom FILE',
        does: "also metrics, for the node exporter's textfile collector (its file ends in .prom)",
      },
    ],
    examples: [
      'haconsole check',
      'haconsole check --json | jq .verdict',
      'haconsole check --prom /var/lib/node_exporter/textfile/haconsole.prom',
    ],
  },
  {
    name: 'init',
    usage: 'haconsole init [-J HOST] HOST… [-o FILE] [--yes]',
    does: 'writes a cluster file by asking the nodes: one load balancer is often enough to find the rest',
    words: true,
    flags: [
      jump,
      { flag: '-o, --out FILE', does: 'write to this file (default: ./haconsole.yaml)' },
      { flag: '--yes', does: 'overwrite a file that is there' },
    ],
    examples: [
      'haconsole init -J ops@bastion lb1.example.net',
      'haconsole init lb1 lb2 -o prod.yaml',
      'haconsole init',
    ],
  },
  {
    name: 'doctor',
    usage: 'haconsole doctor [-c FILE] [-J HOST] [--json]',
    does: 'every step of every way into the cluster: what works, what does not, and what to do about it; exit status 0 or 1',
    flags: [
      config,
      jump,
      { flag: '--via jump|direct', does: 'HTTP by this way alone, instead of both' },
      { flag: '--json', does: 'one JSON object (schema haconsole.doctor/1)' },
      { flag: '--no-color', does: 'no colours (also: NO_COLOR)' },
      { flag: '--ascii', does: 'no signs beyond ASCII' },
    ],
    examples: ['haconsole doctor', 'haconsole doctor --json | jq \'.sections[].lines[] | select(.mark == "bad")\''],
  },
  {
    name: 'act',
    usage: 'haconsole act VERB SERVICE@NODE | out-of-service NODE | … [--yes] [--dry-run] [--restore-after 5m]',
    does: 'does one thing to one node and verifies it: exit status 0 done, 1 no effect, 2 refused, 3 could not or unknown',
    words: true,
    flags: [
      { flag: '--yes', does: 'confirms what does not take the last load balancer, on a cluster that is not protected' },
      { flag: '--confirm NAME', does: 'the name of the node, or of the cluster: confirms what --yes does not' },
      { flag: '--dry-run', does: 'looks, says the risk and the exact commands, runs nothing' },
      { flag: '--restore-after TIME', does: 'the node itself starts again what ran, after this time (30s, 5m)' },
      { flag: '--sudoers', does: 'prints the lines of a sudoers file that allow all of this and no more' },
      { flag: '--json', does: 'one JSON object (schema haconsole.act/1)' },
      ...record,
      { flag: '--read-only', does: 'nothing that writes is executed' },
      ...reach,
    ],
    examples: [
      'haconsole act restart nginx@lb2 --yes',
      'haconsole act out-of-service lb1 --restore-after 15m',
      'haconsole act stop keepalived@lb1 --dry-run',
      'haconsole act remove-vip 172.16.249.80@lb1',
    ],
  },
  {
    name: 'note',
    usage: 'haconsole note TEXT [--node N]…',
    does: 'appends one line to the check log of every load balancer, with who and from where',
    words: true,
    flags: [
      { flag: '--node N', does: 'this load balancer only; may be given several times' },
      { flag: '--json', does: 'one JSON object (schema haconsole.note/1)' },
      ...record,
      { flag: '--read-only', does: 'nothing that writes is executed' },
      ...reach,
    ],
    examples: ['haconsole note "change 4711 begins"', 'haconsole note --node lb1 "disk swapped"'],
  },
  {
    name: 'drill',
    usage: 'haconsole drill list | show NAME | run NAME [--yes] [--step] [--junit FILE] [--restore-after 5m]',
    does: 'failover drills: says what will happen, does it, measures it, puts it back: exit status 0 passed, 1 failed, 2 refused, 3 could not',
    words: true,
    flags: [
      { flag: '--yes', does: 'begins without asking, on a cluster that is not protected' },
      { flag: '--confirm CLUSTER', does: 'the name of the cluster: begins without asking also where it is protected' },
      { flag: '--step', does: 'a person lets each step begin (enter)' },
      {
        flag: '--restore-after TIME',
        does: 'the nodes heal themselves this long after they last heard of us (default 5m)',
      },
      { flag: '--junit FILE', does: 'the report as JUnit XML as well' },
      { flag: '--json', does: 'one JSON object (schema haconsole.drill/1)' },
      ...record,
      { flag: '--read-only', does: 'nothing that writes is executed' },
      ...reach,
    ],
    examples: [
      'haconsole drill list',
      'haconsole drill show lb1-down',
      'haconsole drill run tour --yes --json --junit drills.xml',
      'haconsole drill run lb1-down --step --restore-after 2m',
    ],
  },
  {
    name: 'replay',
    usage: 'haconsole replay [FILE] [--at T] [--speed N]',
    does: 'a recorded session in the panes of the console, forwards and backwards; without FILE: what was recorded here',
    words: true,
    flags: [
      { flag: '--at T', does: 'begin there: 12:03:10 (UTC), an ISO time, +90s, -5m from the end, 50%' },
      { flag: '--speed N', does: 'from 0.25 to 64 (default 1)' },
      { flag: '--json', does: 'no screen: the event log as JSON lines; without FILE: the list' },
      { flag: '--no-color', does: 'no colours (also: NO_COLOR)' },
      { flag: '--ascii', does: 'no signs beyond ASCII' },
    ],
    examples: [
      'haconsole replay',
      'haconsole replay 7f3a9c21 --at 12:03:10',
      'haconsole replay 20261123T120000Z-tutorial-7f3a9c21.hacs.jsonl.gz --speed 8',
      'haconsole replay FILE | grep moved',
    ],
  },
  {
    name: 'report',
    usage: 'haconsole report FILE [-o OUT] [--format md|html|json] [--from T] [--until T] [--around T]',
    does: 'the post-mortem of a recorded session: numbers, timeline, charts, and the headings that people fill in',
    words: true,
    flags: [
      {
        flag: '--format md|html|json',
        does: 'Markdown (default), one HTML file that needs nothing else, or JSON (haconsole.report/1)',
      },
      { flag: '-o, --out OUT', does: 'write to this file; its ending decides the format (default: print)' },
      { flag: '--json', does: 'the same as --format json' },
      ...stretch,
    ],
    examples: [
      'haconsole report 20261123T120000Z-tutorial-7f3a9c21.hacs.jsonl.gz -o report.html',
      'haconsole report FILE --around 12:03:10',
      'haconsole report FILE --from +90s --until +5m --json | jq .vips',
    ],
  },
  {
    name: 'export',
    usage: 'haconsole export FILE [--to asciicast|asciicast-v3|csv|junit|openmetrics] [-o OUT] [--from T] [--until T]',
    does: 'a recorded session in another form',
    words: true,
    flags: [
      {
        flag: '--to asciicast|asciicast-v3|csv|junit|openmetrics',
        does: 'the form: asciicast (v2, default) plays in a terminal, csv is for spreadsheets',
      },
      { flag: '-o, --out OUT', does: 'write to this file (default: print)' },
      { flag: '--size 120x36', does: 'asciicast: columns and rows' },
      { flag: '--fps N', does: 'asciicast: pictures a second (default 1)' },
      { flag: '--idle SECONDS', does: 'asciicast: stillness that players keep at most (default 2)' },
      ...stretch,
    ],
    examples: [
      'haconsole export FILE -o session.cast && asciinema play session.cast',
      'haconsole export FILE --to csv --around 12:03:10 -o answers.csv',
      'haconsole export FILE --to openmetrics -o history.om && promtool tsdb create-blocks-from openmetrics history.om',
    ],
  },
  {
    name: 'verify',
    usage: 'haconsole verify FILE [--anchor HASH] [--json]',
    does: 'holds a session against its seals: exit status 0 whole, 3 recoverable, 4 altered or broken, 5 made by a newer version',
    words: true,
    flags: [
      { flag: '--anchor HASH', does: 'the head hash that was noted elsewhere: another one is a mismatch (4)' },
      { flag: '--json', does: 'one JSON object (schema haconsole.verify/1)' },
    ],
    examples: ['haconsole verify FILE', 'haconsole verify FILE --json | jq .where'],
  },
  {
    name: 'recover',
    usage: 'haconsole recover FILE [-o OUT]',
    does: 'writes what is good of a damaged session into a sealed copy; the original is only read',
    words: true,
    flags: [{ flag: '-o, --out OUT', does: 'name of the copy (default: FILE with .recovered)' }],
    examples: ['haconsole recover 20261123T120000Z-tutorial-7f3a9c21.hacs.jsonl'],
  },
  {
    name: 'audit',
    usage: 'haconsole audit [-c FILE] [-J HOST] [--dir DIR] [--json | --sarif]',
    does: 'finds foot-guns in the pair’s configuration: exit status 0 clean, 1 warnings, 2 errors, 3 could not look',
    flags: [
      config,
      jump,
      {
        flag: '--dir DIR',
        does: 'these files instead of the nodes: as render -o writes them, or keepalived.conf, nginx.conf and scripts side by side',
      },
      { flag: '--json', does: 'one JSON object (schema haconsole.audit/1)' },
      { flag: '--sarif', does: 'SARIF 2.1.0, for code scanning in CI' },
    ],
    examples: [
      'haconsole audit',
      'haconsole audit --dir out',
      'haconsole audit --dir etc --sarif > audit.sarif',
      'haconsole audit --json | jq -r ".findings[] | [.severity, .rule, .node] | @tsv"',
    ],
  },
  {
    name: 'render',
    usage: 'haconsole render [-c FILE] [--node N] [--file PATH] [-o DIR] [--force] [--as-in-tutorial]',
    does: 'writes the nodes’ own configuration files from the cluster file',
    flags: [
      config,
      { flag: '--node N', does: 'this node only' },
      { flag: '--file PATH', does: 'this file only' },
      { flag: '-o, --out DIR', does: 'write below DIR/<node>/ (default: print)' },
      { flag: '--force', does: 'overwrite files that differ' },
      { flag: '--as-in-tutorial', does: 'the tutorial’s original, faults and all' },
    ],
    examples: ['haconsole render -o out', 'haconsole render --node lb1 --file /etc/keepalived/keepalived.conf'],
  },
  {
    name: 'completion',
    usage: 'haconsole completion bash|zsh|fish',
    does: 'prints the script by which a shell completes commands, flags, services and the names of the cluster file',
    words: true,
    flags: [config],
    examples: [
      'source <(haconsole completion bash)',
      'haconsole completion zsh > ~/.zfunc/_haconsole',
      'haconsole completion fish > ~/.config/fish/completions/haconsole.fish',
    ],
  },
];

const columns = (rows: { left: string; right: string }[]): string => {
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `  ${row.left.padEnd(width)}  ${row.right}`).join('\n');
};

/** `haconsole --help`. */
export const overview = (): string =>
  `haconsole: operations console for an nginx + keepalived high-availability pair

${columns(commands.map((command) => ({ left: command.name, right: command.does })))}

  haconsole COMMAND --help tells more; haconsole --version tells the version,
  haconsole --licences the licences of everything that is in it.
`;

/** `haconsole COMMAND --help`. */
export const commandHelp = (command: CommandInfo): string =>
  `${command.usage}

  ${command.does}

${columns([...command.flags, { flag: '-h, --help', does: 'this text' }].map((one) => ({ left: one.flag, right: one.does })))}

Examples
${command.examples.map((example) => `  ${example}`).join('\n')}
`;
