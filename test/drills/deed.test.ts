import { describe, expect, test } from 'vitest';
import type { Deed } from '../../src/cluster/drill.ts';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import { commandsOfDrills } from '../../src/drills/commands.ts';
import { asideOf, commandsOf, type DeedContext, deedOf, FILES, newOf, wayBackOf } from '../../src/drills/deed.ts';
import { ACTS } from '../../src/drills/drill.ts';
import { withPriority } from '../../src/drills/priority.ts';
import { type Owed, owedAfter, undoCommand } from '../../src/drills/undo.ts';
import { parseRestoreTimer } from '../../src/probes/parse/restore-timer.ts';

const context: DeedContext = {
  units: { nginx: 'nginx', keepalived: 'keepalived', web: 'apache2' },
  files: FILES,
  lowered: { text: 'vrrp_instance VI_1 {\n    priority 150\n}\n', priority: 90 },
};
const lines = (deed: Deed) => commandsOf(deed, context).map((one) => one.words.join(' '));

describe('a deed', () => {
  test.each(ACTS)('%s has commands of plain words, none of them a shell', (act) => {
    const commands = commandsOf(deedOf(act), context);
    expect(commands.length).toBeGreaterThan(0);
    for (const { words } of commands) {
      expect(words[0]).toMatch(/^(systemctl|mv|ln|cp|tee|rm)$/);
      for (const word of words) expect(word).toMatch(/^[\w@%+=:,./-]+$/);
    }
  });

  test('takes keepalived away before nginx, and brings it back after it', () => {
    expect(lines({ kind: 'out-of-service' })).toEqual(['systemctl stop keepalived', 'systemctl stop nginx']);
    expect(lines({ kind: 'back-in-service' })).toEqual(['systemctl start nginx', 'systemctl start keepalived']);
  });

  test('kills keepalived while it stands still, so that neither of its processes says goodbye', () => {
    const kill = (service: 'nginx' | 'keepalived') => lines({ kind: 'service', verb: 'kill', service });
    expect(kill('keepalived')).toEqual(['systemctl kill -s STOP keepalived', 'systemctl kill -s KILL keepalived']);
    expect(kill('nginx')).toEqual(['systemctl kill -s KILL nginx']);
  });

  test('hands a changed file over by stdin, where no command line shows the password in it', () => {
    const commands = commandsOf({ kind: 'lower-priority' }, context);
    expect(commands.filter((one) => one.input !== undefined)).toEqual([
      { words: ['tee', '--', newOf(FILES.keepalived)], input: 'vrrp_instance VI_1 {\n    priority 90\n}\n' },
    ]);
  });

  test('runs nothing where the unit is not known, and throws where the file cannot be changed', () => {
    const { web: _, ...units } = context.units;
    expect(commandsOf({ kind: 'service', verb: 'stop', service: 'web' }, { ...context, units })).toEqual([]);
    expect(() =>
      commandsOf({ kind: 'lower-priority' }, { ...context, lowered: { text: 'global_defs {\n}\n', priority: 90 } }),
    ).toThrow('sets no priority');
  });
});

describe('the priority in keepalived.conf', () => {
  const text = `! priority 1 of all
global_defs {
   router_id x # priority 7
}
vrrp_script check {
   weight -20
}
vrrp_instance VI_1 {
    state MASTER
\tpriority   150 # the master
    track_interface {
       eth0 weight 10
    }
    virtual_ipaddress { 172.16.249.80 }
}
vrrp_instance VI_2 { priority 150
}
virtual_server x {
   real_server y { priority 3 }
}
`;
  test('is replaced in every instance, and not one other byte is changed', () => {
    const changed = withPriority(text, 90);
    expect(changed).toBe(
      text.replace('priority   150', 'priority   90').replace('VI_2 { priority 150', 'VI_2 { priority 90'),
    );
    expect(withPriority(changed ?? '', 150)).toBe(text);
  });

  test.each([
    ['no instance sets one', 'vrrp_instance VI_1 {\n state BACKUP\n}\n', 90],
    ['it is commented out', 'vrrp_instance VI_1 {\n ! priority 100\n}\n', 90],
    ['it would be too low', text, 0],
    ['it would be the owner’s', text, 255],
    ['it is no whole number', text, 1.5],
  ])('is left alone where %s', (_, file, priority) => {
    expect(withPriority(file, priority)).toBeUndefined();
  });
});

describe('what is owed', () => {
  const owing = (...deeds: [string, Deed][]): Owed[] =>
    deeds.reduce<Owed[]>((owed, [node, deed]) => owedAfter(owed, node, deed), []);
  const act = (word: (typeof ACTS)[number]): Deed => deedOf(word);

  test('is told once, in the order of what was done', () => {
    expect(owing(['lb1', act('out-of-service')], ['lb1', act('stop nginx')], ['lb2', act('kill nginx')])).toEqual([
      { node: 'lb1', what: 'stopped', service: 'keepalived' },
      { node: 'lb1', what: 'stopped', service: 'nginx' },
      { node: 'lb2', what: 'stopped', service: 'nginx' },
    ]);
  });

  test('is paid by its own way back', () => {
    for (const word of ['freeze nginx', 'set-aside-nginx-conf', 'lower-priority'] as const) {
      const deed = act(word);
      expect(owing(['lb1', deed])).toHaveLength(1);
      expect(owing(['lb1', deed], ['lb1', wayBackOf(deed) as Deed])).toEqual([]);
      expect(owing(['lb1', deed], ['lb2', wayBackOf(deed) as Deed])).toHaveLength(1);
    }
  });

  test('stays after a start: whether it runs is looked for at the end', () => {
    expect(owing(['lb1', act('stop nginx')], ['lb1', act('start nginx')])).toHaveLength(1);
  });
});

describe('the command of a restore timer', () => {
  const running = ['nginx', 'keepalived'];
  const shown = (undo: string[]): string =>
    [
      `ExecStart={ path=${undo[0]?.startsWith('/') ? undo[0] : `/usr/bin/${undo[0]}`} ; argv[]=${undo[0]?.startsWith('/') ? '' : '/usr/bin/'}${undo.join(' ')} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
      'Id=haconsole-restore.service',
      'ActiveState=inactive',
      'SubState=dead',
      '',
      'NextElapseUSecMonotonic=16min 40s',
      'Id=haconsole-restore.timer',
      'Description=ops@seat:20261123T184248Z........................',
      'ActiveState=active',
      'SubState=waiting',
      'ActiveEnterTimestampMonotonic=700000000',
      '',
    ].join('\n');

  test('is the plain one of actions where only services are stopped', () => {
    expect(undoCommand([{ kind: 'out-of-service' }], context, running)).toEqual(['systemctl', 'start', ...running]);
  });

  test('takes back files and signals before it starts what ran', () => {
    expect(
      undoCommand([{ kind: 'set-aside' }, { kind: 'service', verb: 'stop', service: 'nginx' }], context, running),
    ).toEqual([
      '/bin/sh',
      '-c',
      'test ! -e /etc/nginx/nginx.conf.haconsole-aside || mv -f -- /etc/nginx/nginx.conf.haconsole-aside /etc/nginx/nginx.conf; systemctl reset-failed nginx keepalived; systemctl start nginx keepalived',
    ]);
    expect(undoCommand([{ kind: 'service', verb: 'freeze', service: 'nginx' }], context, running).at(-1)).toBe(
      'systemctl kill -s CONT nginx; systemctl start nginx keepalived',
    );
  });

  test('is made of plain words only: anything else is refused', () => {
    const odd = { ...context, units: { ...context.units, nginx: 'nginx; reboot' } };
    expect(() => undoCommand([{ kind: 'service', verb: 'freeze', service: 'nginx' }], odd, running)).toThrow(
      'cannot stand',
    );
    expect(() => undoCommand([], context, ['$(reboot)'])).toThrow('cannot stand');
    const path = { ...context, files: { ...FILES, nginx: '/etc/my nginx.conf' } };
    expect(() => undoCommand([{ kind: 'set-aside' }], path, running)).toThrow('cannot stand');
  });

  test('of every built-in drill is read back by the probes as what it starts', () => {
    const { undo } = commandsOfDrills(builtInDrills(), 'lb', context, running);
    expect(undo.length).toBeGreaterThan(4);
    for (const command of undo) {
      const read = parseRestoreTimer(shown(command), 900);
      expect(read).toMatchObject({ ok: true, value: { units: running, left: 100 } });
    }
    const foreign = parseRestoreTimer(shown(['/bin/sh', '-c', 'systemctl start nginx; reboot']), 900);
    expect(foreign.ok).toBe(false);
  });
});

test('a narrow sudoers file is told every command of the built-in drills, each once', () => {
  const { commands } = commandsOfDrills(builtInDrills(), 'lb', context, ['nginx', 'keepalived']);
  const text = commands.map((words) => words.join(' '));
  expect(new Set(text).size).toBe(text.length);
  expect(text).toContain(`mv -f -- ${asideOf(FILES.nginx)} ${FILES.nginx}`);
  expect(text).toContain(`test -e ${asideOf(FILES.keepalived)}`);
  expect(text).toContain('systemctl kill -s CONT nginx');
  expect(text).toContain(`sha256sum -- ${FILES.nginx} ${FILES.keepalived}`);
  expect(commandsOfDrills(builtInDrills(), 'web', context, ['apache2']).undo).toEqual([
    ['systemctl', 'start', 'apache2'],
    ['/bin/sh', '-c', 'systemctl kill -s CONT apache2; systemctl start apache2'],
  ]);
});
