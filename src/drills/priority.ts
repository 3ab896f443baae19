/** keepalived's lowest and highest priority that can be configured (255 is the address owner's). */
const LIMITS = { least: 1, most: 254 };

/** What of a line of keepalived.conf counts: `!` and `#` begin comments. */
const bare = (line: string): string => line.replace(/[!#].*$/, '');

/**
 * keepalived.conf with the priority of every vrrp_instance replaced and not one other byte changed. Undefined where no instance in
 * this file sets one (an included file may), or where the priority cannot be set.
 */
export const withPriority = (text: string, priority: number): string | undefined => {
  if (!Number.isInteger(priority) || priority < LIMITS.least || priority > LIMITS.most) return undefined;
  let depth = 0;
  let inside = false;
  let changed = 0;
  const lines = text.split('\n').map((line) => {
    const code = bare(line);
    if (depth === 0 && /^\s*vrrp_instance\b/.test(code)) inside = true;
    const own = inside && depth <= 1 && /^(\s*(?:vrrp_instance\s+\S+\s*\{\s*)?priority\s+)\d{1,3}\b/.exec(code);
    // A brace within quotes would be counted: keepalived.conf has none in practice, and a wrong count changes nothing.
    for (const char of code) {
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
    }
    if (depth <= 0 && code.includes('}')) inside = false;
    if (!own) return line;
    changed += 1;
    return line.replace(/^(\s*(?:vrrp_instance\s+\S+\s*\{\s*)?priority\s+)\d{1,3}\b/, `$1${priority}`);
  });
  return changed > 0 ? lines.join('\n') : undefined;
};
