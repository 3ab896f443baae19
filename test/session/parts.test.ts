import { describe, expect, test, vi } from 'vitest';
import type { NodeConfiguration } from '../../src/cluster/readings.ts';
import type { State } from '../../src/cluster/state.ts';
import { parseCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { discover } from '../../src/session/discover.ts';
import { createPathCheck } from '../../src/session/path-check.ts';
import { createPromptDesk } from '../../src/session/prompts.ts';
import { createPublisher } from '../../src/session/publisher.ts';
import { Scene } from '../support/scene.ts';

const load = (text: string) => parseCluster(text, { label: 'test.yaml', directory: '/', home: '/home/ops' });

const found: NodeConfiguration = {
  instances: [
    {
      name: 'VI_1',
      vrid: 51,
      priority: 150,
      advertInterval: 1,
      ifname: 'eth0',
      vips: ['172.16.249.80', '172.16.249.90'],
      nopreempt: false,
    },
  ],
  upstream: ['172.16.249.201:80', '172.16.249.202:8080', 'backend.internal:80', 'unix:/run/app.sock'],
};

describe('discovery', () => {
  test('adds the VIPs and web nodes that the load balancer names where the cluster file names none', () => {
    const config = load('loadBalancers: [{ name: lb1, address: 172.16.249.101 }]');
    const result = discover(config, toTopology(config, { readOnly: false }), found);
    expect(result?.topology.vips).toEqual(['172.16.249.80', '172.16.249.90']);
    expect(result?.nodes).toEqual([
      { name: 'web1', role: 'web', address: '172.16.249.201' },
      { name: 'web2', role: 'web', address: '172.16.249.202' },
    ]);
    expect(result?.endpoints.find((one) => one.target.id === 'web2')?.http.port).toBe(8080);
  });

  test('adds nothing to what the cluster file names, and nothing twice', () => {
    const named = load(
      'vips: [10.0.0.1]\nloadBalancers: [{ name: lb1, address: 172.16.249.101 }]\nwebNodes: [{ name: shop, address: 10.0.0.9 }]',
    );
    expect(discover(named, toTopology(named, { readOnly: false }), found)).toBeUndefined();
    const silent = load('loadBalancers: [{ name: web1, address: 172.16.249.101 }]');
    const first = discover(silent, toTopology(silent, { readOnly: false }), found);
    expect(first?.nodes.map((node) => node.name)).toEqual(['web2', 'web3'].slice(0, first?.nodes.length));
    expect(discover(silent, first?.topology ?? toTopology(silent, { readOnly: false }), found)).toBeUndefined();
  });
});

describe('the path check', () => {
  const jump = (ping: () => Promise<number>, carriers = '1\n1\n') => {
    const exec = vi.fn(async () => ({ code: 0, stdout: carriers, stderr: '', truncated: false }));
    const remote = (name: string) => ({ name, exec, open: () => Promise.reject(new Error('not asked for')) });
    return { ping, remote, exec };
  };
  const behind = { hops: ['bastion'], addresses: ['172.16.249.101', '172.16.249.102'], now: () => 0 };

  test('asks the jump host once for all who ask at the same time', async () => {
    let time = 0;
    const ping = vi.fn(async () => 1);
    const { pathAlive: alive } = createPathCheck(jump(ping), { ...behind, now: () => time });
    expect(await Promise.all([alive(0), alive(0), alive(0)])).toEqual([true, true, true]);
    expect(ping).toHaveBeenCalledTimes(1);
    time = 100;
    expect(await alive(0)).toBe(true);
    expect(ping).toHaveBeenCalledTimes(1);
    expect(await alive(50)).toBe(true);
    expect(ping).toHaveBeenCalledTimes(2);
  });

  test('says no when the jump host does not answer, and yes without one', async () => {
    const ping = vi.fn(async () => Promise.reject(new Error('frozen')));
    expect(await createPathCheck(jump(ping), behind).pathAlive(0)).toBe(false);
    expect(await createPathCheck(jump(ping), { ...behind, hops: [] }).pathAlive(0)).toBe(true);
    expect(ping).toHaveBeenCalledTimes(1);
  });

  test('says no when the jump host answers, but its own wire to the cluster is pulled', async () => {
    expect(
      await createPathCheck(
        jump(async () => 1, '0\n0\n'),
        behind,
      ).pathAlive(0),
    ).toBe(false);
    expect(
      await createPathCheck(
        jump(async () => 1, '0\n1\n'),
        behind,
      ).pathAlive(0),
    ).toBe(true);
  });

  test('holds it against nobody when the jump host runs no commands', async () => {
    expect(
      await createPathCheck(
        jump(async () => 1, 'This account is for forwarding only.\n'),
        behind,
      ).pathAlive(0),
    ).toBe(true);
    const closed = { ...jump(async () => 1), remote: () => ({ exec: () => Promise.reject(new Error('no')) }) as never };
    expect(await createPathCheck(closed, behind).pathAlive(0)).toBe(true);
  });

  test('does not ask about the wire when something behind it has just answered', async () => {
    const network = jump(async () => 1);
    const { pathAlive, heard } = createPathCheck(network, behind);
    heard();
    expect(await pathAlive(0)).toBe(true);
    expect(network.exec).not.toHaveBeenCalled();
  });
});

describe('the publisher', () => {
  test('shows news at once, what belongs together as one picture, and routine at the beat', () => {
    vi.useFakeTimers();
    try {
      const scene = new Scene().healthy();
      const publisher = createPublisher<{ state: State }>({
        initial: { state: scene.state },
        state: (one) => one.state,
        gather: 10,
      });
      const shown = vi.fn();
      publisher.subscribe(shown);
      scene.round();
      publisher.offer({ state: scene.state });
      vi.advanceTimersByTime(1000);
      expect(shown).not.toHaveBeenCalled();
      publisher.publish();
      expect(shown).toHaveBeenCalledTimes(1);
      for (let i = 0; i < 3; i++) {
        scene.send({ kind: 'remark', severity: 'info', text: `line ${i}` });
        publisher.offer({ state: scene.state });
      }
      vi.advanceTimersByTime(10);
      expect(shown).toHaveBeenCalledTimes(2);
      expect(publisher.get().state).toBe(scene.state);
      publisher.publish();
      expect(shown).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the prompt desk', () => {
  const prompt = { kind: 'passphrase', hop: 'bastion', file: 'id', again: false } as const;

  test('shows a question, hands the answer back and forgets it', async () => {
    const shown: unknown[] = [];
    const desk = createPromptDesk((open) => shown.push(open));
    const answer = desk.prompter(prompt, new AbortController().signal);
    desk.answer(99, ['wrong question']);
    desk.answer(1, ['secret']);
    expect(await answer).toEqual(['secret']);
    expect(shown).toEqual([{ id: 1, prompt }, null]);
  });

  test('refuses when the asker has given up', async () => {
    const desk = createPromptDesk(() => {});
    const asker = new AbortController();
    const answer = desk.prompter(prompt, asker.signal);
    asker.abort();
    expect(await answer).toBeNull();
    expect(await desk.prompter(prompt, asker.signal)).toBeNull();
  });
});
