import type { Directive } from '../../conf-files/directive.ts';
import { effective, groupsOf, nested, ONE_VALUE, parameter, passesOf, seconds } from '../nginx.ts';
import type { Hit, Rule } from '../rule.ts';
import type { Scene, SceneNode } from '../scene.ts';

const NEEDS = ['nginx.conf'] as const;

const each = (scene: Scene, find: (node: SceneNode, root: Directive[]) => Hit[]): Hit[] =>
  scene.balancers.flatMap((node) => (node.nginx ? find(node, node.nginx) : []));

/** A timeout that a proxied location has: too long where it is missing or above `most` seconds. */
const timeoutRule = (
  word: string,
  most: number,
  standard: string,
  text: Pick<Rule, 'id' | 'title' | 'why' | 'instead' | 'write'>,
): Rule => ({
  severity: 'warning',
  needs: NEEDS,
  ...text,
  find: (scene) =>
    each(scene, (node, root) =>
      passesOf(root).flatMap((pass) => {
        const set = effective(pass, word);
        const value = set ? seconds(set.words[1]) : undefined;
        if (set && (value === undefined || (value > 0 && value <= most))) return [];
        return [
          {
            place: node.place(set ?? pass.at),
            found: set ? `${word} is ${set.words[1]}.` : `${word} is not set: the default is ${standard}.`,
          },
        ];
      }),
    ),
});

/** nginx.conf: the proxy and its upstream groups. */
export const nginxRules: readonly Rule[] = [
  {
    id: 'nginx-conf-broken',
    severity: 'error',
    title: 'nginx.conf cannot be read to its end.',
    why: 'While nginx runs this stays invisible; the next restart, and every restart by the check script, ends it for good.',
    instead: 'Correct it, and run `nginx -t` before every reload.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) => [
        ...(node.nginxTree?.problems ?? []).map(({ file, line, text }) => ({
          place: node.placeIn(file, line),
          found: `Line ${line}: ${text}.`,
        })),
        ...nested(node.nginx ?? [])
          .filter(({ at }) => ONE_VALUE.has(at.words[0] ?? '') && at.words.length > 2)
          .map(({ at }) => ({
            place: node.place(at),
            found: `${at.words[0]} takes one value and has ${at.words.length - 1}: is the ";" missing?`,
          })),
      ]),
  },
  {
    id: 'nginx-include-missing',
    severity: 'error',
    title: 'nginx.conf includes a file that is not there.',
    why: 'nginx refuses to start: the next restart is an outage.',
    instead: 'Put the file in its place, or take the include out.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        (node.nginxTree?.missing ?? [])
          .filter((one) => {
            const path = one.words[1] ?? '';
            const full = path.startsWith('/') ? path : `/etc/nginx/${path}`;
            return !/[*?]/.test(full) && node.files.get(full)?.is === 'absent';
          })
          .map((one) => ({ place: node.place(one), found: `${one.words[1]} is not there.` })),
      ),
  },
  {
    id: 'upstream-without-zone',
    severity: 'warning',
    title: 'Each worker of nginx has a rotation and a failure count of its own.',
    why: 'Clients in step see one web node only (460 of 460 requests), and every worker has to fail by itself before a dead web node is left out.',
    instead: 'Give the upstream group a shared memory zone.',
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) => {
        const workers = root.findLast((one) => one.words[0] === 'worker_processes')?.words[1] ?? '1';
        return workers === '1'
          ? []
          : groupsOf(root)
              .filter((group) => group.servers.length > 1 && !group.at.block?.some((one) => one.words[0] === 'zone'))
              .map((group) => ({
                place: node.place(group.at),
                found: `${group.name} has no zone, and worker_processes is ${workers}.`,
                write: [`zone ${/^[\w.-]{1,64}$/.test(group.name) ? group.name : 'NAME'} 64k;`],
              }));
      }),
  },
  {
    id: 'upstream-failures-unsaid',
    severity: 'note',
    title: 'How a web node is taken out after failures is left to the default.',
    why: 'The default (one failure, 10 s) is sensible but unknown to most readers; a recovered web node waits up to 11 s for its first request.',
    instead: 'Say it aloud.',
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) =>
        groupsOf(root).flatMap((group) => {
          const silent = group.servers.filter((one) => parameter(one, 'max_fails') === undefined);
          const [first] = silent;
          return first && group.servers.length > 1
            ? [
                {
                  place: node.place(first),
                  found: `${silent.length} server${silent.length > 1 ? 's' : ''} of ${group.name} set${silent.length > 1 ? '' : 's'} no max_fails.`,
                  write: ['server ADDRESS max_fails=1 fail_timeout=10s;'],
                },
              ]
            : [];
        }),
      ),
  },
  {
    id: 'upstream-never-taken-out',
    severity: 'error',
    title: 'A dead web node is never taken out of the rotation.',
    why: 'Nothing else on the load balancer looks at the web nodes: with max_fails=0 every other request first runs into the dead one.',
    instead: 'Leave max_fails out, or set it to 1.',
    write: ['max_fails=1 fail_timeout=10s'],
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) =>
        groupsOf(root).flatMap((group) =>
          group.servers
            .filter((one) => parameter(one, 'max_fails') === '0' && group.servers.length > 1)
            .map((one) => ({ place: node.place(one), found: `${one.words[1]} of ${group.name} has max_fails=0.` })),
        ),
      ),
  },
  {
    id: 'upstream-of-one',
    severity: 'warning',
    title: 'The upstream group has one server only.',
    why: 'Two load balancers before one web node: its failure is an outage that no move of a VIP heals.',
    instead: 'Add the other web node.',
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) =>
        passesOf(root)
          .flatMap(({ group }) => (group && group.all.length > 0 && group.servers.length < 2 ? [group] : []))
          .filter((group, index, all) => all.indexOf(group) === index)
          .map((group) => ({
            place: node.place(group.at),
            found: `${group.name} has ${group.servers.length} server in use.`,
          })),
      ),
  },
  timeoutRule('proxy_connect_timeout', 5, '60s', {
    id: 'proxy-connect-timeout-long',
    title: 'nginx waits long for a web node that does not answer at all.',
    why: 'A web node that is powered off holds each request for 60 s. Clients that give up first lose every second request for as long as it lasts, and error.log stays empty.',
    instead: 'Give up on connecting after less than a second on a LAN.',
    write: ['proxy_connect_timeout 500ms;'],
  }),
  timeoutRule('proxy_read_timeout', 30, '60s', {
    id: 'proxy-read-timeout-long',
    title: 'nginx waits long for a web node that accepts and then says nothing.',
    why: 'A hung web node still completes the TCP handshake: each request to it hangs for 60 s before the other one is asked.',
    instead: 'Set it a little above what the slowest page needs.',
    write: ['proxy_read_timeout 5s;'],
  }),
  timeoutRule('proxy_next_upstream_timeout', 30, 'no limit', {
    id: 'next-upstream-unbounded',
    title: 'How long nginx tries one web node after the other has no limit.',
    why: 'When all of them hang, a request waits for each in turn.',
    instead: 'Bound all tries together.',
    write: ['proxy_next_upstream_timeout 6s;'],
  }),
  {
    id: 'client-abort-hides-hung-web',
    severity: 'warning',
    title: 'A web node that hangs is not counted as failed when the client gives up first.',
    why: 'nginx then logs 499 and no failure: with impatient clients a hung web node costs 50 % of all requests for as long as it hangs.',
    instead: 'Let nginx finish the request, with a short proxy_read_timeout beside it.',
    write: ['proxy_ignore_client_abort on;'],
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) =>
        passesOf(root).flatMap((pass) => {
          if (pass.group && pass.group.servers.length < 2) return [];
          const set = effective(pass, 'proxy_ignore_client_abort');
          return set?.words[1] === 'on'
            ? []
            : [{ place: node.place(set ?? pass.at), found: 'proxy_ignore_client_abort is off.' }];
        }),
      ),
  },
  {
    id: 'error-page-not-there',
    severity: 'warning',
    title: 'An error page is named that nginx has nowhere to take from.',
    why: 'The page for the error fails itself, and its failure is what the client gets: with both web nodes down the tutorial’s nginx answers 404 instead of 502.',
    instead: 'Leave error_page out, or give its location a root with the file in it.',
    needs: NEEDS,
    find: (scene) =>
      each(scene, (node, root) =>
        nested(root)
          .filter(({ at }) => at.words[0] === 'error_page')
          .slice(0, 100)
          .flatMap((one) => {
            const uri = one.at.words.at(-1) ?? '';
            const server = one.around.findLast((block) => block.words[0] === 'server');
            if (!uri.startsWith('/') || !server) return [];
            const locations = nested(server.block ?? [], [...one.around.slice(0, one.around.indexOf(server) + 1)]);
            const exact = locations.find(
              ({ at }) =>
                at.words[0] === 'location' &&
                (at.words[1] === '=' ? at.words[2] === uri : at.words[1] === `=${uri}` || at.words[1] === uri),
            );
            const proxied = locations.find(
              ({ at }) =>
                at.words[0] === 'location' &&
                at.words[1] === '/' &&
                at.block?.some((line) => line.words[0] === 'proxy_pass'),
            );
            const has = (...words: string[]) =>
              exact?.at.block?.some((line) => words.includes(line.words[0] ?? '')) ?? false;
            if (exact && has('return', 'proxy_pass', 'alias', 'root', 'try_files', 'rewrite', 'internal_redirect'))
              return [];
            const inner = { at: one.at, around: exact ? [...exact.around, exact.at] : one.around };
            const root = effective(inner, 'root');
            if (exact && root) return [];
            if (!exact && !proxied && root) return [];
            return [
              {
                place: node.place(one.at),
                found: exact
                  ? `${uri} has a location without root.`
                  : proxied
                    ? `${uri} has no location of its own: it is asked of the web nodes.`
                    : `${uri} has no location and no root.`,
              },
            ];
          }),
      ),
  },
  {
    id: 'listens-on-vip',
    severity: 'error',
    title: 'nginx listens on a VIP alone.',
    why: 'On the node that does not hold the VIP nginx cannot start ("Cannot assign requested address"): after a reboot or a restart the backup is none.',
    instead: 'Listen on every address.',
    needs: ['nginx.conf', 'keepalived.conf'],
    find: (scene) =>
      each(scene, (node, root) => {
        const vips = new Set(node.keepalived?.instances.flatMap((one) => one.vips.map(({ value }) => value)));
        return nested(root)
          .filter(({ at, around }) => at.words[0] === 'listen' && around.at(-1)?.words[0] === 'server')
          .flatMap(({ at }) => {
            const match = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::(\d+))?$/.exec(at.words[1] ?? '');
            const address = (match?.[1] ?? match?.[2])?.toLowerCase();
            return address !== undefined && vips.has(address)
              ? [{ place: node.place(at), found: `It listens on ${address}.`, write: [`listen ${match?.[3] ?? 80};`] }]
              : [];
          });
      }),
  },
];
