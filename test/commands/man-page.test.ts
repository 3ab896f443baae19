import { describe, expect, test } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { manPage } from '../../src/commands/man-page.ts';
import { commands } from '../../src/commands/table.ts';

describe('the man page', () => {
  test('is what man/haconsole.1 says', async () => {
    await expect(manPage(pkg.version)).toMatchFileSnapshot('../../man/haconsole.1');
  });

  test('has every command, and nothing that roff would take for a request or could not show', () => {
    const page = manPage(pkg.version);
    for (const { name } of commands) expect(page).toContain(`\n.SS ${name}\n`);
    expect(page).toMatch(/^[\n -~]*$/);
    const requests = page.split('\n').filter((line) => /^[.']/.test(line));
    expect(
      requests.filter(
        (line) => !/^\.(?:\\"|TH|SH|SS|PP|TP|B|BI|BR|RI|nf|fi)(?: |$)/.test(line) && !line.startsWith('.\\"'),
      ),
    ).toEqual([]);
  });
});
