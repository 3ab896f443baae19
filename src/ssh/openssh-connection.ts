import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { Failure } from '../cluster/failure.ts';
import { blameForGoneSilent, blameForSilence, type Connection, type Via } from './connection.ts';
import { dialStep, isDeadline, remoteError } from './failures.ts';
import { dialThrough } from './openssh-dial.ts';
import { createEcho } from './openssh-echo.ts';
import { execIn, openIn } from './openssh-exec.ts';
import { RemoteError } from './remote.ts';
import { createSlots } from './slots.ts';

type Master = {
  hop: string;
  role: 'hop' | 'node';
  /** Control socket of the running master. */
  control: string;
  env: Record<string, string | undefined>;
  master: ChildProcess;
  /** What the master wrote to stderr, once it is gone. */
  ended: Promise<string>;
  via: Via;
  /** Of its keepalive, ms. */
  interval: number;
};

const sessionsAtOnce = 4;
/** As in `ssh2-connection.ts`, ms. */
const triesAfter = [60, 180, 540];

/** A login held by an ssh master process; every session is a short-lived ssh that talks to it (8 ms each). */
export const opensshConnection = ({ hop, role, control, env, master, ended, via, interval }: Master): Connection => {
  let lost: Failure | undefined;
  let heard = performance.now();
  const slots = createSlots(sessionsAtOnce);
  const end = Promise.withResolvers<Failure>();
  const children = new Set<ChildProcess>();
  // Every dial listens for the reason of its refusal.
  master.stderr?.setMaxListeners(0);

  const lose = (found: string) => {
    if (lost) return;
    // ssh ends for silence and for a closed connection alike: without proof that the hop lived on, it is not the host.
    const blame = blameForGoneSilent(role, via, heard, interval);
    lost = via?.lost() ?? remoteError('lost', hop, found, { blame }).failure;
    end.resolve(lost);
    for (const child of children) child.kill();
    master.kill();
  };
  void ended.then((text) => {
    const last = text.trim().split('\n').at(-1);
    lose(last ? `the connection ended (${last})` : 'the connection ended');
  });

  const check = () => {
    if (lost) throw new RemoteError(lost);
  };

  /** -F none: a session inherits everything from the master; ProxyCommand=false: without a master there is no second login. */
  const client = (args: string[]): ChildProcessWithoutNullStreams => {
    const mux = [
      '-F',
      'none',
      '-S',
      control,
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
      '-o',
      'BatchMode=yes',
    ];
    const child = spawn('ssh', [...mux, ...args], { env });
    children.add(child);
    child.on('close', () => children.delete(child));
    child.stdin.on('error', () => {});
    const hear = () => {
      heard = performance.now();
    };
    child.stdout.on('data', hear);
    child.on('exit', hear);
    return child;
  };

  const context = {
    hop,
    lost: () => lost,
    start: (command: string) => client(['-o', 'LogLevel=ERROR', '-T', '--', 'master', command]),
    abandoned(signal: AbortSignal, asked: number): unknown {
      if (!isDeadline(signal)) return signal.reason;
      if (lost) return new RemoteError(lost);
      const waited = Math.round(performance.now() - asked);
      return remoteError('timeout', hop, `no answer within ${waited} ms`, { blame: blameForSilence(via, asked) });
    },
  };

  // Beside the four places: it is open for as long as the connection is.
  const echo = createEcho(() => context.start('exec cat'));

  const place = async (signal: AbortSignal, asked: number) => {
    check();
    const release = await slots.take(signal).catch(() => {
      throw context.abandoned(signal, asked);
    });
    if (lost) release();
    check();
    return release;
  };

  const exec: Connection['exec'] = async (command, options) => {
    const asked = performance.now();
    for (let attempt = 0; ; attempt++) {
      options.signal.throwIfAborted();
      const release = await place(options.signal, asked);
      try {
        return await execIn(context, command, { ...options, release }, asked);
      } catch (error) {
        const refused = error instanceof RemoteError && /refused by peer/.test(error.failure.found);
        if (!refused || attempt >= triesAfter.length) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, triesAfter[attempt]));
    }
  };

  return {
    transport: 'openssh',
    exec,
    async open(command, { signal }) {
      const release = await place(signal, performance.now());
      const stream = openIn(context, command);
      void stream.closed.then(release);
      return stream;
    },
    async dial(host, port, signal, name = host): Promise<Duplex> {
      check();
      signal.throwIfAborted();
      const destination = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const child = client(['-o', 'LogLevel=DEBUG2', '-W', destination, '--', 'master']);
      return await dialThrough({ child, master, signal }, (text) => {
        if (lost) return new RemoteError(lost);
        const { step, blame, found } = dialStep(text);
        const where = step === 'permission' || step === 'channel' ? hop : name;
        return remoteError(step, where, `${destination} from ${hop}: ${found}`, { blame });
      });
    },
    async ping(signal) {
      check();
      const echoed = await echo.ping(signal);
      check();
      if (echoed !== undefined) return echoed;
      const asked = performance.now();
      // Any answer is an answer, also a refusal: a jump account may have no shell.
      await exec(':', { signal, maxBytes: 1_024 }).catch((error: unknown) => {
        if (signal.aborted) throw signal.reason;
        if (!(error instanceof RemoteError) || error.failure.step !== 'channel') throw error;
      });
      return performance.now() - asked;
    },
    heard: () => heard,
    lost: () => lost,
    closed: end.promise,
    close: () => lose('closed'),
  };
};
