import type { AuditFile } from '../input.ts';
import { known } from '../input.ts';
import type { Rule } from '../rule.ts';
import { eachCheck, eachInstance, type SceneNode } from '../scene.ts';
import { octal } from './check.ts';

/** Who beside root may write a file; undefined: nobody, or not known. A group counts only where the owner is known too. */
const writers = (file: AuditFile): string | undefined => {
  const { mode, owner, group } = file;
  if (mode !== undefined && (mode & 0o002) !== 0) return 'everybody';
  if (owner !== undefined && owner !== 'root') return `the user ${owner}`;
  if (mode !== undefined && (mode & 0o020) !== 0 && group !== undefined && group !== 'root')
    return `the group ${group}`;
  return undefined;
};

const state = ({ mode, owner, group }: AuditFile): string =>
  [mode === undefined ? '' : `mode ${octal(mode)}`, owner === undefined ? '' : `owner ${owner}:${group ?? '?'}`]
    .filter((part) => part !== '')
    .join(', ');

const secured = (node: SceneNode): boolean => node.keepalived?.global('enable_script_security') !== undefined;

/** Who may write what runs as root, and who may read what is secret. */
export const securityRules: readonly Rule[] = [
  {
    id: 'script-anyone-may-write',
    severity: 'error',
    title: 'Others than root may write the check script, and root runs it.',
    why: 'Whoever can write it is root a few seconds later, on both load balancers.',
    instead: 'Owner root:root, mode 0755.',
    needs: ['keepalived.conf', 'check script', 'modes'],
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) => {
        const who = writers(file);
        return who === undefined
          ? []
          : [
              {
                place: node.placeIn(file.path),
                found: `${who} may write it (${state(file)}).`,
                write: [`chown root:root ${file.path}`, `chmod 0755 ${file.path}`],
              },
            ];
      }),
  },
  {
    id: 'script-security-drops-check',
    severity: 'error',
    title: 'Script security is on and the script is not safe: keepalived drops the check.',
    why: '"Disabling track script … due to insecure": the pair runs without any health check, and a stop of nginx is a permanent outage.',
    instead: 'Make the script root’s own first (0755), then turn the security on.',
    needs: ['keepalived.conf', 'check script', 'modes'],
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, script, file }) =>
        secured(node) && writers(file) !== undefined
          ? [
              {
                place: node.place(script.path?.at ?? script.at),
                found: `enable_script_security is on, and ${writers(file)} may write ${file.path}.`,
                write: [`chown root:root ${file.path}`, `chmod 0755 ${file.path}`],
              },
            ]
          : [],
      ),
  },
  {
    id: 'script-security-off',
    severity: 'warning',
    title: 'keepalived runs scripts without looking who may write them.',
    why: '"SECURITY VIOLATION - scripts are being executed but script_security not enabled": a script that others may write is run as root all the same.',
    instead: 'Turn it on, once the script is root’s own.',
    write: ['enable_script_security', 'script_user root'],
    needs: ['keepalived.conf'],
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const [check] = node.checks;
        return check && !secured(node)
          ? [{ place: node.place(check.script.at), found: 'global_defs has no enable_script_security.' }]
          : [];
      }),
  },
  {
    id: 'script-user-unset',
    severity: 'warning',
    title: 'Nothing says as which user the check runs.',
    why: 'It runs as keepalived_script where that user exists, else as root: it differs between systems, and the other user may not restart nginx.',
    instead: 'Name the user.',
    write: ['script_user root'],
    needs: ['keepalived.conf'],
    find: ({ balancers }) =>
      balancers.flatMap((node) => {
        const open = node.checks.find(({ script }) => !script.at.block?.some((one) => one.words[0] === 'user'));
        return open && !node.keepalived?.global('script_user')
          ? [{ place: node.place(open.script.at), found: `Neither global_defs nor ${open.script.name} names a user.` }]
          : [];
      }),
  },
  {
    id: 'config-anyone-may-write',
    severity: 'error',
    title: 'Others than root may write a configuration file that root’s daemons read.',
    why: 'keepalived runs what its file names as root, nginx starts as root: who writes the file becomes root at the next reload.',
    instead: 'Owner root:root, mode 0644 (0600 with a password in it).',
    needs: ['modes'],
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        [...node.files].flatMap(([path, seen]) => {
          const file = known(seen);
          const who = file && /^\/etc\/(keepalived|nginx)\/.*\.(conf|inc)$/.test(path) ? writers(file) : undefined;
          return file && who !== undefined
            ? [
                {
                  place: node.placeIn(path),
                  found: `${who} may write it (${state(file)}).`,
                  write: [`chown root:root ${path}`, `chmod 0644 ${path}`],
                },
              ]
            : [];
        }),
      ),
  },
  {
    id: 'auth-pass-readable',
    severity: 'warning',
    title: 'A file with auth_pass is readable to everybody on the node.',
    why: 'Any local user can take it and announce himself as master.',
    instead: 'Mode 0600.',
    needs: ['keepalived.conf', 'modes'],
    find: (scene) => {
      const places = eachInstance(scene).flatMap(({ node, instance }) => {
        const file = known(node.files.get(instance.authPass?.at.file ?? ''));
        // Where the owner is not known the file is a copy, and its mode is the copy's.
        return file?.mode !== undefined && file.owner !== undefined && (file.mode & 0o004) !== 0
          ? [{ node, file, mode: file.mode }]
          : [];
      });
      return places
        .filter(({ node, file }, index) => places.findIndex((one) => one.node === node && one.file === file) === index)
        .map(({ node, file, mode }) => ({
          place: node.placeIn(file.path),
          found: `Its mode is ${octal(mode)}.`,
          write: [`chmod 0600 ${file.path}`],
        }));
    },
  },
];
