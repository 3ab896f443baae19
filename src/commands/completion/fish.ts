import { bareFlags, type CommandModel, type FlagModel, type Takes } from './model.ts';

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

const argument = (takes: Takes | undefined): string => {
  switch (takes?.kind) {
    case undefined:
      return '';
    case 'file':
      return ' -rF';
    case 'directory':
      return " -xa '(__fish_complete_directories)'";
    case 'words':
      return ` -xa ${quoted(takes.words.join(' '))}`;
    case 'values':
      return ` -xa '(__haconsole_values ${takes.of})'`;
    case 'text':
      return ' -x';
  }
};

const flagLine = (when: string, { names, does, takes }: FlagModel): string => {
  const options = names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`));
  return `complete -c haconsole -n ${quoted(when)}${options.join('')}${argument(takes)} -d ${quoted(does)}`;
};

const positionLine = (name: string, takes: Takes, index: number): string =>
  takes.kind === 'text'
    ? ''
    : `complete -c haconsole -n '__haconsole_at ${name} ${index}'${argument(takes).replace(' -rF', ' -F')}`;

/** The completion script of fish. */
export const fishScript = (model: CommandModel[]): string => {
  const watch = model.find((command) => command.name === 'watch') as CommandModel;
  const takers = model
    .flatMap((command) => command.flags)
    .filter((flag) => flag.takes !== undefined)
    .flatMap((flag) => flag.names);
  return `# Completion of haconsole for fish. Save as ~/.config/fish/completions/haconsole.fish

# The words of the line without flags and their arguments; the first is the program.
function __haconsole_words
    set -l skip 0
    for token in (commandline -opc)
        if test $skip = 1
            set skip 0
        else if contains -- $token ${[...new Set(takers)].join(' ')}
            set skip 1
        else if not string match -q -- '-*' $token
            echo $token
        end
    end
end

# Whether the word that comes next is number $argv[2] (from 0) of command $argv[1].
function __haconsole_at
    set -l words (__haconsole_words)
    test "$words[2]" = $argv[1]; and test (count $words) = (math $argv[2] + 2)
end

function __haconsole_of
    set -l words (__haconsole_words)
    test "$words[2]" = $argv[1]
end

function __haconsole_bare
    test (count (__haconsole_words)) = 1
end

# Names of the cluster file; haconsole itself knows them.
function __haconsole_values
    set -l words (__haconsole_words)
    set -l config
    set -l tokens (commandline -opc)
    for flag in -c --config
        if set -l at (contains -i -- $flag $tokens)
            set config -c $tokens[(math $at + 1)]
        end
    end
    $words[1] completion values $argv[1] $words[3..] $config 2>/dev/null
end

complete -c haconsole -f
${model.map(({ name, does }) => `complete -c haconsole -n __haconsole_bare -a ${name} -d ${quoted(does)}`).join('\n')}
complete -c haconsole -n __haconsole_bare -a help -d 'the flags of a command, with examples'
complete -c haconsole -n '__haconsole_at help 0' -a ${quoted(model.map((command) => command.name).join(' '))}
${[...watch.flags, ...bareFlags].map((flag) => flagLine('__haconsole_bare', flag)).join('\n')}
${model
  .flatMap(({ name, flags, positions }) => [
    ...flags.map((flag) => flagLine(`__haconsole_of ${name}`, flag)),
    ...positions.map((takes, index) => positionLine(name, takes, index)),
  ])
  .filter(Boolean)
  .join('\n')}
`;
};
