import type { Backend } from './plan.ts';

/** The page of one web node. Its text is what names the node in every answer. */
export const webPage = (backend: Backend): string => `${backend.page}
<!-- haconsole render: in the document root, because the tutorial's noindex page is sent with status 403. Once: systemctl enable the web server. -->
`;
