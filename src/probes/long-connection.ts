import { isIP } from 'node:net';
import type { HttpTarget } from '../config/cluster-config.ts';
import type { Clock } from './clock.ts';
import { connector, dialUntil, type HttpProbeOptions, loadHttp, type Progress } from './http.ts';
import { plain } from './plain.ts';

/** Between two pages of one connection, ms: it is to last, not to load. */
const PACE = 200;
/** Pages that may be asked for before the first of them has come. */
const MOST = 20;
/** A connection that says nothing for so long is as good as cut to whoever downloads, and is given up, ms. */
const SILENCE = 3_000;
/** How long it may take to get the first page, ms. */
const OPENING = 3000;

/** How a long connection ended. `cut`: without a word, or in the middle of an answer. `ended`: the server announced it. */
export type LongEnd = { state: 'cut' | 'ended' | 'failed'; bytes: number; why: string };

/** How it travels; `opened` is called with its first page. */
export type LongOptions = Pick<HttpProbeOptions, 'dial'> & { clock: Clock; signal: AbortSignal; opened(): void };

/**
 * Keeps one connection in use for as long as it lives: a page is asked for every 0.2 s. Whatever cuts a long download cuts it. Resolves with how it ended, also when the signal fires; never rejects.
 */
export const keepOpen = async (target: HttpTarget, options: LongOptions): Promise<LongEnd> => {
  const { clock, opened } = options;
  const ended = new AbortController();
  const end = () => ended.abort(options.signal.reason);
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  const opening = setTimeout(() => ended.abort(new Error(`no page within ${OPENING} ms`)), OPENING);
  let bytes = 0;
  let pages = 0;
  let announced = false;
  let close: (() => void) | undefined;
  try {
    const [socket, undici] = await Promise.all([dialUntil(ended.signal, options.dial, target), loadHttp()]);
    const progress: Progress = { stage: 'dial' };
    const host = isIP(target.address) === 6 ? `[${target.address}]` : target.address;
    const client = new undici.Client(`${target.scheme}://${host}:${target.port}`, {
      connect: connector(undici.buildConnector, target, socket, progress),
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 60_000,
      pipelining: MOST,
      allowH2: false,
    });
    close = () => {
      client.destroy().catch(() => {});
      socket.destroy();
    };
    client.on('disconnect', (_origin, _targets, error) => {
      progress.died = error;
    });
    // A connection that stands still between two pages is heard to die as well.
    socket.once('close', () => ended.abort(progress.died ?? new Error('closed without a word')));
    let underWay = 0;
    let answeredAt = clock.now();
    const page = async (): Promise<void> => {
      const response = await client.request({
        path: target.path,
        method: 'GET',
        headers: { 'user-agent': 'haconsole', accept: '*/*', ...(target.host ? { host: target.host } : {}) },
        signal: ended.signal,
      });
      for await (const chunk of response.body) bytes += (chunk as Buffer).length;
      pages += 1;
      answeredAt = clock.now();
      announced ||= String(response.headers.connection ?? '').toLowerCase() === 'close';
      if (pages > 1) return;
      clearTimeout(opening);
      if (!announced) opened();
    };
    // Not one after the other: who only waits for an answer sends nothing, and who sends nothing is told of no cut.
    while (!announced && clock.now() - answeredAt < SILENCE) {
      if (pages > 0 ? underWay < MOST : underWay === 0) {
        underWay += 1;
        page()
          .catch((error: unknown) => ended.abort(error))
          .finally(() => {
            underWay -= 1;
          });
      }
      await clock.sleep(pages > 0 ? PACE : PACE / 10, ended.signal);
    }
    throw new Error(`silent for ${SILENCE / 1000} s`);
  } catch (error) {
    const why = plain(error instanceof Error ? error.message : String(error));
    if (!announced) return { state: pages === 0 ? 'failed' : 'cut', bytes, why };
    return pages === 1
      ? { state: 'failed', bytes, why: 'the server keeps no connection open' }
      : { state: 'ended', bytes, why: 'the server ended it as it had announced' };
  } finally {
    clearTimeout(opening);
    options.signal.removeEventListener('abort', end);
    close?.();
  }
};
