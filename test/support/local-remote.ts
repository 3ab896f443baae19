import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../../src/cluster/failure.ts';
import { type Remote, RemoteError, type RemoteStream } from '../../src/ssh/remote.ts';

/**
 * A "node" that is a shell on this machine in a session of its own, as sshd gives one, with stub tools first in its PATH.
 * Tools that a test did not write end with 127, so that nothing of the machine is looked at by accident.
 */
export type LocalNode = {
  remote: Remote;
  /** Folder for files of the test; removed by `remove`. */
  folder: string;
  /** Puts a tool in place: the text of a sh script. */
  tool(name: string, body: string): void;
  /** The shells opened so far. */
  shells: ChildProcess[];
  /** From now on `open` is refused with this; undefined: the link is back. */
  refuse(failure: Failure | undefined): void;
  remove(): void;
};

const KNOWN = ['ip', 'ps', 'systemctl', 'journalctl', 'sudo', 'keepalived', 'nginx'];

/** `FOLDER` in `shell` stands for the node's folder. */
export const localNode = (options: { shell?: string[]; path?: string; name?: string } = {}): LocalNode => {
  const folder = mkdtempSync(join(tmpdir(), 'haconsole-node-'));
  const name = options.name ?? 'lb1';
  const shell = (options.shell ?? ['/bin/sh']).join(' ').replace('FOLDER', folder);
  const shells: ChildProcess[] = [];
  let refusal: Failure | undefined;

  const tool = (tool: string, body: string) => {
    // Put in place whole: a tool that runs at this moment can be replaced, not written to.
    const file = join(folder, `${tool}.new`);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    renameSync(file, join(folder, tool));
  };
  for (const one of KNOWN) tool(one, `echo "${one}: not found" >&2; exit 127`);

  const open: Remote['open'] = async (command) => {
    if (refusal) throw new RemoteError(refusal);
    const child = spawn('/bin/sh', ['-c', command.replace('/bin/sh', shell)], {
      // A session and process group of its own: the agent ends with `kill 0`.
      detached: true,
      env: { PATH: `${folder}:${options.path ?? '/usr/bin:/bin'}` },
    });
    shells.push(child);
    return streamOf(child, name);
  };
  return {
    remote: { name, open, exec: () => Promise.reject(new Error('no probe runs single commands')) },
    folder,
    tool,
    shells,
    refuse: (failure) => {
      refusal = failure;
    },
    remove: () => {
      for (const child of shells) child.stdin?.destroy();
      // A tool that is still at work would put a file into the folder while it is emptied: it finds no folder any more.
      const gone = `${folder}.gone`;
      renameSync(folder, gone);
      rmSync(gone, { recursive: true });
    },
  };
};

const streamOf = (child: ChildProcess, name: string): RemoteStream => {
  child.stdin?.on('error', () => {});
  return {
    write: (text) => void child.stdin?.write(text),
    onData: (listener) => void child.stdout?.on('data', listener),
    onStderr: (listener) => void child.stderr?.on('data', listener),
    closed: new Promise((resolve) => {
      child.on('error', (error) =>
        resolve({ code: null, failure: { step: 'channel', hop: name, found: error.message, blame: 'path' } }),
      );
      child.on('close', (code) => resolve({ code }));
    }),
    close: () => {
      child.stdin?.destroy();
      child.stdout?.destroy();
    },
  };
};
