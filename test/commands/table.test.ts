import { describe, expect, test } from 'vitest';
import { commandHelp, commands } from '../../src/commands/table.ts';
import { complaint } from '../support/command-line.ts';

describe('the table of commands', () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    'has for %s a usage, what it does, and examples that its own flags allow',
    (name, command) => {
      expect(command.usage).toMatch(new RegExp(`^haconsole \\[?${name}\\b`));
      expect(command.does).toMatch(/^[a-z].*[^.]$/);
      expect(command.examples.length).toBeGreaterThan(0);
      expect(command.examples.map((line) => [line, complaint(line)])).toEqual(
        command.examples.map((line) => [line, undefined]),
      );
      const help = commandHelp(command);
      for (const text of [command.usage, '-h, --help', ...command.flags.map((one) => one.flag), ...command.examples])
        expect(help).toContain(text);
    },
  );

  test('would find an example that does not hold', () => {
    expect(complaint('haconsole chekc')).toBe('watch takes no chekc');
    expect(complaint('haconsole check --jsno | jq .')).toBe('check has no --jsno');
    expect(complaint('haconsole act hop nginx@lb1')).toMatch(/^hop is none of start/);
    expect(complaint('haconsole export FILE --to cvs')).toBe('--to does not take cvs');
    expect(complaint('haconsole render -o')).toBe('-o lacks its DIR');
  });
});
