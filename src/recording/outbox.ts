import { diskWords } from './disk-words.ts';
import { createChain, sealedLine } from './seal.ts';
import type { Sink } from './sink.ts';

/** What is not urgent is gathered this long, ms: the most that a killed process loses. */
const GATHER = 250;
/** What is written reaches the disk itself this often, ms: the most that a power cut loses. */
const SYNC_EVERY = 5000;
/** From here on a disk that does not answer counts as failed, ms. */
const PATIENCE = 2000;
/** Between attempts after a failure, ms. */
const RETRY = 5000;
/** Bytes that may wait for the disk. */
const LIMIT = 8 * 1024 * 1024;
/** Longest time the last lines get, ms. */
const LAST_CHANCE = 3000;

/** One line to be. A function gets the number of lines before it; it is called in its turn. */
export type Entry = {
  text: string | ((lines: number) => string | Promise<string>);
  /** Gets a seal over everything before it. */
  sealed?: true;
  urgent?: true;
  /** Of a fact: when it was known, mono ms. */
  fact?: number;
};

type Batch = { bytes: Buffer; urgent: boolean; sequence: number; lines: number; seal?: string };

export type Outbox = {
  put(entry: Entry): void;
  durable(deadline: number): Promise<boolean>;
  /** Something could not be written for a reason of our own: what waits is given up. */
  giveUp(why: string): void;
  /** `failure`: why nothing reaches the disk now. */
  status(): { failure?: string; bytes: number };
  /** Writes what waits and then `end`, seconds at most; the last seal, if every line is on disk. Never rejects. */
  close(end: () => Entry): Promise<string | undefined>;
};

/** Lines in order into a sink, gathered, sealed and synced; bounded, and patient with a disk that fails. */
export const createOutbox = (
  sink: Sink,
  options: {
    limit?: number;
    retry?: number;
    /** The failure came or went. */
    changed: () => void;
    /** The queue ran over: it was emptied of so many facts, the first known at `since`, and takes nothing more until `recovered`. */
    overrun: (facts: number, since: number | undefined, why: string) => void;
    recovered: () => void;
  },
): Outbox => {
  const limit = options.limit ?? LIMIT;
  const chain = createChain();
  let queue: Entry[] = [];
  let queued = 0;
  let batch: Batch | undefined;
  let position = 0;
  let lines = 0;
  let seal: string | undefined;
  let failure: string | undefined;
  let isOpen = false;
  let busy = false;
  let over = false;
  let closing = false;
  let gather: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let syncTimer: NodeJS.Timeout | undefined;
  let syncNow = false;
  /** Sequence numbers of entries: given, written, on disk. */
  let given = 0;
  let written = 0;
  let synced = 0;
  const waiting = new Set<{ sequence: number; settle: (reached: boolean) => void }>();

  const report = (why: string | undefined) => {
    if (failure === why) return;
    failure = why;
    options.changed();
  };

  const settle = () => {
    for (const one of waiting) if (synced >= one.sequence) one.settle(true);
  };

  const overflow = (why = failure ?? 'more came than could be written') => {
    over = true;
    // Nothing can be read without the first line.
    const first = lines === 0 && !batch ? queue.slice(0, 1) : [];
    const dropped = queue.slice(first.length);
    queue = first;
    queued = 0;
    for (const one of waiting) one.settle(false);
    const facts = dropped.flatMap((entry) => (entry.fact === undefined ? [] : [entry.fact]));
    options.overrun(facts.length, facts[0], why);
    options.changed();
  };

  const isPressing = () => closing || waiting.size > 0 || queue.some((entry) => entry.urgent);

  /** Waits for the disk, and says so when it does not answer. */
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => report(`the disk has not answered for ${PATIENCE / 1000} s`), PATIENCE);
    timer.unref();
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };

  const bundle = async (): Promise<Batch> => {
    const entries = queue;
    const upTo = given;
    queue = [];
    queued = 0;
    let newest: string | undefined;
    const texts = await Promise.all(
      entries.map((entry, index) => (typeof entry.text === 'string' ? entry.text : entry.text(lines + index))),
    ).catch((error) => {
      queue = [...entries, ...queue];
      overflow(diskWords(error));
      throw error;
    });
    const whole = entries.map((entry, index) => {
      const text = texts[index] as string;
      if (!entry.sealed) {
        chain.add(`${text}\n`);
        return `${text}\n`;
      }
      const line = sealedLine(chain, text);
      newest = line.slice(-66, -2);
      return `${line}\n`;
    });
    return {
      bytes: Buffer.from(whole.join('')),
      urgent: entries.some((entry) => entry.urgent),
      sequence: upTo,
      lines: entries.length,
      ...(newest === undefined ? {} : { seal: newest }),
    };
  };

  const sync = async () => {
    clearTimeout(syncTimer);
    syncTimer = undefined;
    syncNow = false;
    const upTo = written;
    await patiently(sink.sync());
    synced = upTo;
    settle();
  };

  const work = async () => {
    if (!isOpen) {
      await patiently(sink.open());
      isOpen = true;
    }
    for (;;) {
      if (!batch && queue.length > 0) batch = await bundle();
      if (batch) {
        await patiently(sink.write(batch.bytes, position));
        position += batch.bytes.length;
        lines += batch.lines;
        written = batch.sequence;
        if (batch.seal !== undefined) seal = batch.seal;
        if (batch.urgent) syncNow = true;
        batch = undefined;
        syncTimer ??= setTimeout(() => {
          syncNow = true;
          void run();
        }, SYNC_EVERY).unref();
      }
      if ((syncNow || waiting.size > 0) && written > synced) await sync();
      syncNow = false;
      if (over) {
        over = false;
        options.recovered();
      } else if (queue.length === 0 || !isPressing()) break;
    }
    report(undefined);
  };

  const run = async (): Promise<void> => {
    clearTimeout(gather);
    gather = undefined;
    if (busy) return;
    clearTimeout(again);
    busy = true;
    try {
      await work();
    } catch (error) {
      report(diskWords(error));
      syncNow = true;
      if (!closing) again = setTimeout(() => void run(), options.retry ?? RETRY).unref();
    } finally {
      busy = false;
    }
    if (failure === undefined && queue.length > 0) soon();
  };

  const soon = () => {
    gather ??= setTimeout(() => void run(), GATHER).unref();
  };

  const put = (entry: Entry) => {
    if (over) return;
    queue.push(entry);
    given += 1;
    // States are made when their turn comes, and are few.
    if (typeof entry.text === 'string') queued += entry.text.length;
    if (queued > limit) {
      overflow();
      return soon();
    }
    if (failure !== undefined) return;
    if (entry.urgent) void run();
    else soon();
  };

  const durable = (deadline: number): Promise<boolean> => {
    if (over) return Promise.resolve(false);
    if (synced >= given) return Promise.resolve(true);
    return new Promise((resolve) => {
      const one = {
        sequence: given,
        settle: (reached: boolean) => {
          clearTimeout(timer);
          waiting.delete(one);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => one.settle(false), deadline);
      waiting.add(one);
      syncNow = true;
      void run();
    });
  };

  return {
    put,
    durable,
    giveUp: (why) => {
      if (!over) overflow(why);
      soon();
    },
    status: () => ({ bytes: position, ...(failure === undefined ? {} : { failure }) }),
    close: async (end) => {
      closing = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_CHANCE);
      });
      const finish = async () => {
        while (busy) await new Promise((resolve) => setTimeout(resolve, 5));
        await run();
        if (failure === undefined) put(end());
        while (busy) await new Promise((resolve) => setTimeout(resolve, 5));
        await run();
        await sink.close().catch(() => {});
      };
      await Promise.race([finish(), late]);
      for (const one of [timer, gather, again, syncTimer]) clearTimeout(one);
      for (const one of waiting) one.settle(synced >= one.sequence);
      return synced === given && failure === undefined ? seal : undefined;
    },
  };
};
