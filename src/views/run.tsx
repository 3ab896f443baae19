import { render } from 'ink';
import type { SessionStore } from '../session/store.ts';
import { openTerminal } from '../terminal/open.ts';
import { App, type AppOptions } from './app.tsx';

/**
 * Shows the console until it is left by key, by `signal`, or because the terminal is gone; then gives the terminal back
 * and prints `farewell`. Resolves to the exit status, 0; rejects when drawing itself fails, with the terminal given back.
 */
export const runConsole = async (parts: {
  store: SessionStore;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  options: AppOptions;
  signal: AbortSignal;
  farewell: () => string | Promise<string>;
}): Promise<number> => {
  const { store, options, signal, farewell } = parts;
  const leaving = Promise.withResolvers<void>();
  const leave = (): void => leaving.resolve();
  // Every terminal stream has a descriptor; Node's types say so of the standard streams alone.
  const stdin = parts.stdin as typeof parts.stdin & { fd: number };
  const stdout = parts.stdout as typeof parts.stdout & { fd: number };
  const terminal = openTerminal({ stdin, stdout, onLost: leave });
  let left = '';
  try {
    const ink = render(<App store={store} terminal={terminal} onQuit={leave} options={options} />, {
      stdout: terminal.stdout,
      stdin: terminal.stdin,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 30,
    });
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      await Promise.race([leaving.promise, ink.waitUntilExit()]);
      left = await farewell();
    } finally {
      signal.removeEventListener('abort', leave);
      ink.unmount();
    }
  } finally {
    await terminal.close(left);
  }
  return 0;
};
