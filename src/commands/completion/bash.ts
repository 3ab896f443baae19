import { bareFlags, type CommandModel, type FlagModel, type Takes } from './model.ts';

const quoted = (words: string[]): string => `'${words.join(' ')}'`;

const offer = (takes: Takes): string => {
  switch (takes.kind) {
    case 'file':
      return '_haconsole_files -f';
    case 'directory':
      return '_haconsole_files -d';
    case 'words':
      return `_haconsole_words ${quoted(takes.words)}`;
    case 'values':
      return `_haconsole_values ${takes.of}`;
    case 'text':
      return ':';
  }
};

const names = (flags: FlagModel[]): string[] => flags.flatMap((flag) => flag.names);
const withArgument = (flags: FlagModel[]): FlagModel[] => flags.filter((flag) => flag.takes !== undefined);

const commandCase = ({ name, flags, positions }: CommandModel): string => {
  const flagCases = withArgument(flags).map(
    (flag) => `        ${flag.names.join('|')}) ${offer(flag.takes as Takes)}; return ;;`,
  );
  const positionCases = positions.map((takes, index) => `        ${index}) ${offer(takes)} ;;`);
  return `    ${name})
      case $previous in
${[...flagCases, '        *) ;;'].join('\n')}
      esac
      case $current in -*) _haconsole_words ${quoted(names(flags))}; return ;; esac
      case \${#given[@]} in
${[...positionCases, '        *) ;;'].join('\n')}
      esac ;;`;
};

/** The completion script of bash, 3.2 and newer; it needs no bash-completion. */
export const bashScript = (model: CommandModel[]): string => {
  const takers = [...new Set(names(model.flatMap((command) => withArgument(command.flags))))];
  const watch = model.find((command) => command.name === 'watch') as CommandModel;
  return `# Completion of haconsole for bash. In ~/.bashrc: source <(haconsole completion bash)

_haconsole_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_haconsole_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$current"))
  compopt -o filenames 2>/dev/null
}

# Names of the cluster file; haconsole itself knows them.
_haconsole_values() {
  local kind=$1
  _haconsole_words "$("$program" completion values "$kind" "\${given[@]}" "\${config[@]}" 2>/dev/null)"
}

_haconsole() {
  COMPREPLY=()
  # Readline takes words apart at @, : and =, which targets and paths have in them: so the line is read anew.
  local -a words given config
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  local last=$((\${#words[@]} - 1)) program=\${words[0]} command='' index word
  local current=\${words[last]} previous=\${words[last - 1]}
  for ((index = 1; index < last; index++)); do
    word=\${words[index]}
    case $word in
      -c|--config) word=\${words[++index]}; config=(-c "\${word/#~/$HOME}") ;;
      ${takers.filter((name) => name !== '-c' && name !== '--config').join('|')}) ((index++)) ;;
      -*) ;;
      *) if [ -z "$command" ]; then command=$word; else given+=("$word"); fi ;;
    esac
  done
  _haconsole_command
  case $COMP_WORDBREAKS in
    *@*)
      # Only what follows the last of those signs is replaced; an @ goes with what follows it, as before a host name.
      word=\${current%"\${current##*[@:=]}"}
      word=\${word%@}
      [ "\${#COMPREPLY[@]}" = 0 ] || COMPREPLY=("\${COMPREPLY[@]#"$word"}") ;;
  esac
}

_haconsole_command() {
  case $command in
    '')
      case $previous in
${withArgument(watch.flags)
  .map((flag) => `        ${flag.names.join('|')}) ${offer(flag.takes as Takes)}; return ;;`)
  .join('\n')}
      esac
      case $current in
        -*) _haconsole_words ${quoted(names([...watch.flags, ...bareFlags]))} ;;
        *) _haconsole_words ${quoted([...model.map((command) => command.name), 'help'])} ;;
      esac ;;
    help) [ "\${#given[@]}" != 0 ] || _haconsole_words ${quoted(model.map((command) => command.name))} ;;
${model.map(commandCase).join('\n')}
  esac
}

complete -F _haconsole haconsole
`;
};
