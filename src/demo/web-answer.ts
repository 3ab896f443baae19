/** An HTTP answer as a server of the demo gives it. `endless`: the body is sent again and again, for as long as it is read. */
export type Reply = { status: number; headers: Record<string, string>; body: string | Buffer; endless?: boolean };

/** What came of asking a server: its answer, or how the connection failed. */
export type Outcome = Reply | { error: 'refused' | 'unreachable' };

/** Something that answers HTTP requests. Calls `done` once, or never (frozen); the returned function gives up. */
export type Answerer = (path: string, done: (outcome: Outcome) => void) => () => void;

export const STATUS_TEXT: Record<number, string> = {
  200: 'OK',
  404: 'Not Found',
  502: 'Bad Gateway',
  504: 'Gateway Time-out',
};

/** nginx's own error page. */
export const nginxError = (status: number): Reply => {
  const title = `${status} ${STATUS_TEXT[status] ?? ''}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { Server: 'nginx/1.22.1', 'Content-Type': 'text/html' }, body };
};
