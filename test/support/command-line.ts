/** Whether a command line in a document or in help is one that the program takes. */
import { completionModel } from '../../src/commands/completion/model.ts';

/** The words of a command line up to the first `|`, `>`, `&&` or closing bracket, as a shell would part them. */
const wordsOf = (line: string): string[] => {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map(
    ([all, single, double]) => single ?? double ?? all,
  );
  const begin = words.findIndex((word) => word === 'haconsole' || word === '<(haconsole');
  const end = words.findIndex((word, index) => index > begin && /^(?:\||\|\||&&|>|>>|;)$/.test(word));
  return words.slice(begin, end < 0 ? undefined : end).map((word) => word.replace(/^<\(/, '').replace(/\)$/, ''));
};

const model = completionModel();

/** What is wrong with a line: a command, flag or value that the table does not know. */
export const complaint = (line: string): string | undefined => {
  const [program, ...rest] = wordsOf(line);
  if (program !== 'haconsole') return 'no haconsole in it';
  const named = model.find((one) => one.name === rest[0]);
  const command = named ?? model.find((one) => one.name === 'watch');
  const given = named ? rest.slice(1) : rest;
  let words = 0;
  for (let index = 0; index < given.length; index++) {
    const word = given[index] as string;
    if (!/^-[^\d]/.test(word)) {
      const takes = command?.positions[words] ?? command?.positions.at(-1);
      if (!takes) return `${command?.name} takes no ${word}`;
      if (takes.kind === 'words' && words < (command?.positions.length ?? 0) && !takes.words.includes(word))
        return `${word} is none of ${takes.words.join(', ')}`;
      words++;
      continue;
    }
    const [name = '', attached] = word.split('=');
    const flag = command?.flags.find((one) => one.names.includes(name));
    if (!flag) return `${command?.name} has no ${name}`;
    if (!flag.takes) continue;
    const value = attached ?? given[++index];
    if (value === undefined) return `${name} lacks its ${flag.placeholder}`;
    if (flag.takes.kind === 'words' && !flag.takes.words.includes(value)) return `${name} does not take ${value}`;
  }
  return undefined;
};
