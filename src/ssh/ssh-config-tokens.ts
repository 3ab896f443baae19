import { hostname, userInfo } from 'node:os';

/** What the percent tokens of ssh_config(5) stand for. */
export type TokenValues = { home: string; host: string; alias: string; port: number; user: string; jump: string };

/** Expands `~` and the tokens %% %d %h %i %j %k %L %l %n %p %r %u; unknown tokens (%C, %T) are left as they are. */
export const expandTokens = (text: string, values: TokenValues): string => {
  const start = text === '~' || text.startsWith('~/') ? values.home + text.slice(1) : text;
  return start.replace(/%([%dhijkLlnpru])/g, (_, token: string) => tokenValue(token, values));
};

const tokenValue = (token: string, values: TokenValues): string => {
  switch (token) {
    case 'd':
      return values.home;
    case 'h':
      return values.host;
    case 'i':
      return String(account()?.uid ?? '');
    case 'j':
      return values.jump;
    case 'k':
    case 'n':
      return values.alias;
    case 'L':
      return hostname().split('.')[0] ?? '';
    case 'l':
      return hostname();
    case 'p':
      return String(values.port);
    case 'r':
      return values.user;
    case 'u':
      return account()?.username ?? '';
    default:
      return '%';
  }
};

const account = () => {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
};
