import type { DemoCluster } from './cluster.ts';

/** One scene: what is said, what is done, how long it is left to be watched, s. */
type Scene = { say: string; act?: (cluster: DemoCluster) => void; seconds: number };

const SCENES: readonly Scene[] = [
  { say: 'all is well: lb1 holds the three VIPs, lb2 stands ready, both web nodes answer in turn', seconds: 14 },
  {
    say: 'keepalived on lb1 is stopped: it says goodbye with priority 0, and lb2 takes the VIPs 0.6 s later',
    act: (cluster) => cluster.fault('stop', 'lb1', 'keepalived'),
    seconds: 14,
  },
  {
    say: 'keepalived on lb1 starts again: its priority is higher, so it takes the VIPs back after 3.4 s, without a gap',
    act: (cluster) => cluster.fault('start', 'lb1', 'keepalived'),
    seconds: 14,
  },
  {
    say: 'nginx on lb1 is killed: the check script finds it gone and starts it again, and the VIPs stay where they are',
    act: (cluster) => cluster.fault('kill9', 'lb1', 'nginx'),
    seconds: 12,
  },
  {
    say: 'the web server on web2 stops: its direct probe goes red at once, and nginx sends everything to web1',
    act: (cluster) => cluster.fault('stop', 'web2', 'web'),
    seconds: 14,
  },
  {
    say: 'web2 is back: nginx tries it again within 11 s, and the rotation is whole',
    act: (cluster) => cluster.fault('start', 'web2', 'web'),
    seconds: 18,
  },
  {
    say: 'lb1 loses its power: nobody says goodbye, so lb2 waits three adverts and its skew, 2.6 to 3.6 s',
    act: (cluster) => cluster.fault('power-off', 'lb1'),
    seconds: 16,
  },
  {
    say: 'lb1 boots: some four seconds later it holds the VIPs again',
    act: (cluster) => cluster.fault('power-on', 'lb1'),
    seconds: 18,
  },
  {
    say: 'nginx on lb2 is masked: nobody notices from outside, but the next fault would be an outage',
    act: (cluster) => cluster.fault('mask', 'lb2', 'nginx'),
    seconds: 12,
  },
  {
    say: 'nginx on lb2 is unmasked and started: there is a backup again',
    act: (cluster) => cluster.fault('start', 'lb2', 'nginx'),
    seconds: 12,
  },
];

/** Resolves after that many seconds of the demo's time; false when the signal came first. */
const pause = (cluster: DemoCluster, seconds: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = (whole: boolean): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve(whole);
    };
    const stop = (): void => end(false);
    const cancel = cluster.clock.after(seconds * 1000, () => end(true));
    signal.addEventListener('abort', stop, { once: true });
  });

/** Plays one fault after the other, round and round, and says each in a sentence. Resolves when the signal comes. */
export const runStory = async (
  cluster: DemoCluster,
  { signal, say }: { signal: AbortSignal; say: (sentence: string) => void },
): Promise<void> => {
  for (let scene = 0; !signal.aborted; scene = (scene + 1) % SCENES.length) {
    const { say: sentence, act, seconds } = SCENES[scene]!;
    say(sentence);
    act?.(cluster);
    if (!(await pause(cluster, seconds, signal))) return;
  }
};
