/** One step of a scene. Without `node` or `as` it is the scene's node, and `ops`, who may do anything by sudo. */
export type Step =
  | { run: string; node?: string; as?: 'ops' | 'narrow' | 'nosudo' | 'root'; input?: string }
  | { wait: number }
  | { fault: string[] }
  | { heal: true }
  | { change: string[] }
  | { write: string; text: string; mode?: number }
  /** Path, what to look for (sed -E), what to put there. */
  | { edit: [path: string, from: string, to: string] }
  /** Who holds the first VIP now. */
  | { holders: true }
  /** Whether a unit's processes are those of the last time. */
  | { pids: string }
  /** Every change of the node's addresses is noted from now on, for so many seconds. */
  | { watch: number }
  /** What was noted. */
  | { watched: true }
  /** What the services and systemd have said about them since the last time. */
  | { journal: true };

/** A scene begins with a healthy pair of the fixed flavour. */
export type Scene = {
  name: string;
  title: string;
  node: string;
  /** A file that has to be there; else the scene is left out and its transcript stays as it is. */
  needs?: string;
  steps: Step[];
};

/** Commands by `ops`. */
export const ops = (...lines: string[]): Step[] => lines.map((run) => ({ run }));

/** Commands by another account. */
export const by = (as: 'ops' | 'narrow' | 'nosudo' | 'root', ...lines: string[]): Step[] =>
  lines.map((run) => ({ run, as }));

export const wait = (ms: number): Step => ({ wait: ms });
export const HOLDERS: Step = { holders: true };
export const SAID: Step = { journal: true };

/** Arms the restore timer. */
export const arm = (seconds: number): string =>
  `sudo -n systemd-run --unit=haconsole-restore --on-active=${seconds} --timer-property=AccuracySec=100ms --description='by anna from desk since 18:42' -- systemctl start nginx keepalived`;

export const LOG = '/etc/keepalived/check_nginx.log';
export const CONF = '/etc/keepalived/keepalived.conf';
