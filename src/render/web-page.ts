import type { Backend } from './plan.ts';

/**
 * The page of one web node. Its text is what names the node in every answer; the comment stands on the same line, so that no
 * line is on two nodes' pages and could be taken for a name.
 */
export const webPage = (backend: Backend): string =>
  `${backend.page} <!-- in the document root, because the tutorial's noindex page is sent with status 403 -->\n`;
