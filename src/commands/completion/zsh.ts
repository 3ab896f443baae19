import { bareFlags, type CommandModel, type FlagModel, type Takes } from './model.ts';

/** Inside single quotes, in a specification of _arguments or _describe: brackets and colons mean something there. */
const said = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

const action = (takes: Takes): string => {
  switch (takes.kind) {
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'words':
      return `(${takes.words.join(' ')})`;
    case 'values':
      return `_haconsole_values ${takes.of}`;
    case 'text':
      return ' ';
  }
};

const specification = ({ names, does, takes, placeholder }: FlagModel): string => {
  const argument = takes ? `:${said(placeholder ?? '')}:${action(takes)}` : '';
  const described = `[${said(does)}]${argument}`;
  return names.length === 1 ? `'${names[0]}${described}'` : `'(${names.join(' ')})'{${names.join(',')}}'${described}'`;
};

const place = (takes: Takes, index: number): string => `'${index + 1}: :${action(takes)}'`;

const lines = (words: string[], indent: string): string => words.map((word) => `${indent}${word}`).join(' \\\n');

const commandCase = ({ name, flags, positions }: CommandModel): string => `        ${name})
          _arguments \\
${lines([...flags.map(specification), ...positions.map(place)], '            ')} ;;`;

/** The completion script of zsh: for a directory of $fpath, or to be sourced. */
export const zshScript = (model: CommandModel[]): string => {
  const watch = model.find((command) => command.name === 'watch') as CommandModel;
  return `#compdef haconsole
# Completion of haconsole for zsh. As _haconsole in a directory of $fpath, or: source <(haconsole completion zsh)

# Names of the cluster file; haconsole itself knows them.
_haconsole_values() {
  local file=\${opt_args[-c]:-\${opt_args[--config]}}
  local -a found config
  [[ -z $file ]] || config=(-c \${(Q)file})
  found=(\${(f)"$(_call_program haconsole $program completion values \${@[-1]} \${line[1,CURRENT-2]} $config 2>/dev/null)"})
  compadd "\${@[1,-2]}" -a found
}

_haconsole() {
  local curcontext=$curcontext state program=$words[1]
  local -a line commands
  typeset -A opt_args
  commands=(
${model.map(({ name, does }) => `    '${name}:${said(does)}'`).join('\n')}
    'help:the flags of a command, with examples'
  )
  _arguments -C \\
${lines([...watch.flags, ...bareFlags].map(specification), '    ')} \\
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
        help) _describe -t commands command commands ;;
${model.map(commandCase).join('\n')}
      esac ;;
  esac
}

if [[ $funcstack[1] == _haconsole ]]; then
  _haconsole "$@"
else
  compdef _haconsole haconsole
fi
`;
};
