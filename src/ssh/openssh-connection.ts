import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Failure } from '../cluster/failure.ts';
import { blameForSilence, type Connection, type Via } from './connection.ts';
import { dialStep, isDeadline, messageOf, remoteError } from './failures.ts';
import { type ExecResult, RemoteError, type RemoteStream } from './remote.ts';
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
};

const sessionsAtOnce = 4;
const secondTryAfter = 60;
const defaultMaxBytes = 1 << 20;
const maxStderr = 64 << 10;
/** Complaints of the client side of the multiplexing, never of the command. */
const clientComplaint =
  /^(mux_client_|Control socket|ControlSocket|Connection closed by UNKNOWN|kex_exchange_identification)/m;

/** A login held by an ssh master process; every session is a short-lived ssh that talks to it. */
export const opensshConnection = ({ hop, role, control, env, master, ended, via }: Master): Connection => {
  let lost: Failure | undefined;
  let heard = performance.now();
  const slots = createSlots(sessionsAtOnce);
  const end = Promise.withResolvers<Failure>();
  const children = new Set<ChildProcess>();

  const lose = (found: string) => {
    if (lost) return;
    lost = via?.lost() ?? remoteError('lost', hop, found, { blame: role === 'hop' ? 'path' : 'target' }).failure;
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

  /** -F none: the session inherits everything from the master; ProxyCommand=false: without the master there is no second login. */
  const client = (args: string[]): ChildProcessWithoutNullStreams => {
    const fixed = [
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
    const child = spawn('ssh', [...fixed, ...args], { env });
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
  const session = (command: string) => client(['-T', '-o', 'LogLevel=ERROR', '--', 'master', '--', command]);

  const abandoned = (signal: AbortSignal, asked: number): unknown => {
    if (!isDeadline(signal)) return signal.reason;
    if (lost) return new RemoteError(lost);
    const waited = Math.round(performance.now() - asked);
    return remoteError('timeout', hop, `no answer within ${waited} ms`, { blame: blameForSilence(via, asked) });
  };
  const place = async (signal: AbortSignal, asked: number) => {
    check();
    return await slots.take(signal).catch(() => {
      throw abandoned(signal, asked);
    });
  };

  const execOnce = (command: string, options: ExecOptions, asked: number): Promise<ExecResult> =>
    new Promise((resolve, reject) => {
      const { signal, maxBytes = defaultMaxBytes } = options;
      const child = session(command);
      const stdout: Buffer[] = [];
      let size = 0;
      let stderr = '';
      let truncated = false;
      const result = (code: number | null): ExecResult => ({
        code,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr,
        truncated,
      });
      const finish = () => signal.removeEventListener('abort', onAbort);
      const onAbort = () => {
        finish();
        child.kill();
        reject(abandoned(signal, asked));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        if (truncated) return;
        stdout.push(chunk.subarray(0, maxBytes - size));
        size += chunk.length;
        if (size <= maxBytes) return;
        truncated = true;
        finish();
        resolve(result(null));
        child.kill();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (stderr.length < maxStderr) stderr += chunk.toString('utf8').slice(0, maxStderr - stderr.length);
      });
      child.on('error', (error) => {
        finish();
        reject(remoteError('channel', hop, messageOf(error)));
      });
      child.on('close', (code) => {
        finish();
        // 255 is ssh's own word for trouble, but a command may say it too.
        if (code === null || (code === 255 && lost)) reject(new RemoteError(lost ?? lostSession(hop)));
        else if (code === 255 && clientComplaint.test(stderr)) {
          reject(remoteError('channel', hop, `the command could not be started (${stderr.trim()})`));
        } else resolve(result(code));
      });
      child.stdin.end(options.input ?? '');
    });

  const exec: Connection['exec'] = async (command, options) => {
    const asked = performance.now();
    for (let attempt = 0; ; attempt++) {
      options.signal.throwIfAborted();
      const release = await place(options.signal, asked);
      try {
        check();
        return await execOnce(command, options, asked);
      } catch (error) {
        const refused = error instanceof RemoteError && /refused by peer/.test(error.failure.found);
        if (!refused || attempt > 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, secondTryAfter));
      } finally {
        release();
      }
    }
  };

  const open: Connection['open'] = async (command, { signal }): Promise<RemoteStream> => {
    const release = await place(signal, performance.now());
    const child = session(command);
    let complaints = '';
    let onStderr: ((chunk: Buffer) => void) | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString('utf8')).slice(-2_000);
      onStderr?.(chunk);
    });
    const closed = new Promise<{ code: number | null; failure?: Failure }>((resolve) => {
      child.on('error', (error) =>
        resolve({ code: null, failure: remoteError('channel', hop, messageOf(error)).failure }),
      );
      child.on('close', (code) => {
        release();
        const broken = code === null || (code === 255 && (lost !== undefined || clientComplaint.test(complaints)));
        resolve(broken ? { code: null, failure: lost ?? lostSession(hop) } : { code });
      });
    });
    return {
      write: (text) => void (child.stdin.writable && child.stdin.write(text)),
      onData: (listener) => void child.stdout.on('data', listener),
      onStderr: (listener) => {
        onStderr = listener;
      },
      closed,
      close() {
        child.stdin.end();
        child.stdout.resume();
        // stdin's end ends what runs on the node; a command that does not read its stdin is cut off.
        setTimeout(() => child.kill(), 500).unref();
      },
    };
  };

  const ping: Connection['ping'] = async (signal) => {
    check();
    const asked = performance.now();
    // Any answer is an answer, also a refusal: a jump account may have no shell.
    await exec(':', { signal, maxBytes: 1_024 }).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      if (error instanceof RemoteError && error.failure.step === 'channel') return;
      throw error;
    });
    return performance.now() - asked;
  };

  return {
    transport: 'openssh',
    exec,
    open,
    async dial(host, port, signal, name = host) {
      check();
      signal.throwIfAborted();
      const destination = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const child = client(['-o', 'LogLevel=ERROR', '-W', destination, '--', 'master']);
      return await dialled(child, signal, (text) => {
        if (lost) return new RemoteError(lost);
        const { step, blame, found } = dialStep(text);
        const where = step === 'permission' || step === 'channel' ? hop : name;
        return remoteError(step, where, `${destination} from ${hop}: ${found}`, { blame });
      });
    },
    ping,
    heard: () => heard,
    lost: () => lost,
    closed: end.promise,
    close: () => lose('closed'),
  };
};

type ExecOptions = { signal: AbortSignal; input?: string; maxBytes?: number };

const lostSession = (hop: string): Failure =>
  remoteError('lost', hop, 'the session ended without an exit status').failure;

/** ssh does not say when the far connection is made, only when it is not: this long without bad news counts as made. */
const goodNewsAfter = 60;

const dialled = (
  child: ChildProcessWithoutNullStreams,
  signal: AbortSignal,
  failure: (stderr: string) => RemoteError,
): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2_000);
    });
    const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
    duplex.on('error', () => {});
    duplex.on('close', () => child.kill());
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const timer = setTimeout(() => {
      finish();
      resolve(duplex);
    }, goodNewsAfter);
    const onAbort = () => {
      finish();
      child.kill();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error) => {
      finish();
      reject(failure(messageOf(error)));
    });
    child.on('close', (code) => {
      finish();
      if (code === 0) return;
      const error = failure(stderr);
      reject(error);
      duplex.destroy(error);
    });
  });
