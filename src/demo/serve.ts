import { createInterface } from 'node:readline';
import { type DemoCluster, startDemo } from './cluster.ts';

/** Where the served cluster talks; in a program these are the process's own. */
export type ServeIo = {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  signal: AbortSignal;
};

const usage = (cluster: DemoCluster): string =>
  cluster.faults.map(({ name, takes, sentence }) => `${[name, ...takes].join(' ').padEnd(28)} ${sentence}\n`).join('');

/** Words of a line in the order the fault takes them; `stop lb1 keepalived` is understood as well. */
const apply = (cluster: DemoCluster, name: string, words: string[]): void => {
  const takes = cluster.faults.find((fault) => fault.name === name)?.takes ?? [];
  const isNode = (word: string | undefined): boolean => /^(lb|web)\d+$/.test(word ?? '');
  const [first, second] = words;
  if (!takes.includes('service')) cluster.fault(name, first);
  else if (isNode(first)) cluster.fault(name, first, second);
  else cluster.fault(name, second, first);
};

/**
 * Runs the embedded cluster alone until the signal or `quit`: the path of its cluster file is the first line of stdout;
 * each line of stdin is a fault (`stop keepalived lb1`), `heal`, `faults` or `quit`. The end of stdin ends nothing.
 * Resolves with the exit status.
 */
export const serveDemo = async ({ stdin, stdout, stderr, signal }: ServeIo): Promise<number> => {
  const cluster = await startDemo();
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    stdout.write(`${cluster.clusterFile}\n`);
    stdout.write(`# in another terminal: haconsole --config ${cluster.clusterFile}\n`);
    stdout.write('# here: a fault and its words, for example "stop keepalived lb1"; faults lists them; heal; quit\n');
    await new Promise<void>((resolve) => {
      const end = (): void => resolve();
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      lines.on('line', (line) => {
        const [name = '', ...words] = line.trim().split(/\s+/);
        try {
          if (name === '') return;
          if (name === 'quit' || name === 'exit') end();
          else if (name === 'faults' || name === 'help') stdout.write(usage(cluster));
          else if (name === 'heal') cluster.heal();
          else apply(cluster, name, words);
          if (!['quit', 'exit', 'faults', 'help'].includes(name)) stdout.write(`done: ${[name, ...words].join(' ')}\n`);
        } catch (error) {
          stderr.write(`${(error as Error).message}\n`);
        }
      });
    });
    return 0;
  } finally {
    lines.close();
    await cluster.stop();
  }
};
