import type { HttpResult } from '../cluster/events.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig, HttpTarget } from '../config/cluster-config.ts';
import { probeHttp } from '../probes/http.ts';
import type { Network } from '../ssh/remote.ts';
import { bad, type Line, ok, unknown } from './report.ts';

/** How long an answer may take, ms, where the cluster file does not allow more. */
const PATIENCE = 2500;

/** How a request travels: through the last jump host, or from this machine. */
export type Way = 'jump' | 'direct';

/** What came of asking one address by one way. */
type Asked = { way: Way; ms: number; result: HttpResult };

const ask = async (target: HttpTarget, name: string, way: Way, around: Asking): Promise<Asked> => {
  const { network, config, signal } = around;
  const began = performance.now();
  const result = await probeHttp(target, {
    dial: (host, port, options) => network.dial(host, port, { ...options, direct: way === 'direct' }),
    timeout: Math.max(PATIENCE, config.timeout),
    // Who is to blame for silence is not judged here: by which way there was an answer is what counts.
    pathAlive: async () => true,
    name,
    signal,
  });
  return { way, ms: performance.now() - began, result };
};

/** `only`: the one way that is tried; absent: both. */
type Asking = { network: Network; config: ClusterConfig; only?: Way | undefined; signal: AbortSignal };

const WORDS: Record<Way, string> = { jump: 'HTTP by the tunnel', direct: 'HTTP from here' };

const answerWords = (result: HttpResult): string => {
  if (result.kind !== 'answer') return result.failure.found;
  const page = visibleText(
    result.body
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
    48,
  );
  return `${result.status}${page === '' ? '' : ` “${page}”`}`;
};

const adviceFor = (target: HttpTarget, result: HttpResult, hop: string | undefined): string => {
  if (result.kind === 'answer') return '';
  const { step, found } = result.failure;
  if (step === 'permission')
    return result.failure.advice ?? `AllowTcpForwarding and PermitOpen in sshd_config of ${hop}`;
  if (/refused/.test(found))
    return `nothing listens on port ${target.port} there: is the service up, is the port right (http.port)?`;
  if (/no route|did not answer|no connection|within/.test(found))
    return 'is the machine up, does somebody hold this address, does a firewall drop it?';
  return result.failure.advice ?? '';
};

/**
 * Whether one address answers over HTTP, by the way the cluster file chooses and by the other one: any answer will do, whether it is
 * a good one is what check tells. `away`: why the last jump host is not reached. Never rejects.
 */
export const httpLines = async (
  target: HttpTarget,
  name: string,
  around: Asking & { away: string | undefined },
): Promise<Line[]> => {
  const { config, away } = around;
  const hop = config.ssh.jump.at(-1)?.name;
  const wanted = (way: Way) => around.only === undefined || around.only === way;
  const isTunnelled = hop !== undefined && wanted('jump') && away === undefined;
  const [byTunnel, fromHere] = await Promise.all([
    isTunnelled ? ask(target, name, 'jump', around) : undefined,
    hop === undefined || wanted('direct') ? ask(target, name, 'direct', around) : undefined,
  ]);
  const { via } = config.http;
  const [chosen, other] = via === 'jump' ? [byTunnel, fromHere] : [fromHere, byTunnel];
  const first = chosen ? chosenLine(target, chosen, { other, hop }) : unknown(WORDS[via], away ?? 'not tried');
  return hop === undefined || !other ? [first] : [first, otherLine(other, chosen)];
};

/** The way that the console takes. */
const chosenLine = (
  target: HttpTarget,
  { way, ms, result }: Asked,
  { other, hop }: { other: Asked | undefined; hop: string | undefined },
): Line => {
  if (result.kind === 'answer') return ok(WORDS[way], answerWords(result), ms);
  const rescue =
    way === 'jump'
      ? 'it answers from here: set http: { via: direct }'
      : 'it answers by the tunnel: set http: { via: jump }';
  const advice = other?.result.kind === 'answer' ? rescue : adviceFor(target, result, hop);
  return bad(WORDS[way], answerWords(result), advice, ms);
};

/** The way that it does not take: told beside it, and no fault. */
const otherLine = ({ way, ms, result }: Asked, chosen: Asked | undefined): Line => {
  const said = answerWords(result);
  const usual = chosen?.result;
  if (result.kind !== 'answer')
    return usual?.kind === 'answer'
      ? ok(WORDS[way], `not needed, and not there (${said})`, ms)
      : unknown(WORDS[way], said, undefined, ms);
  return usual?.kind === 'answer' && usual.status !== result.status
    ? unknown(
        WORDS[way],
        `${said}: another answer than ${WORDS[chosen?.way ?? way]} brings; a proxy or another host stands there`,
        undefined,
        ms,
      )
    : ok(WORDS[way], said, ms);
};
