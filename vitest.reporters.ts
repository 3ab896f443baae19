import { env } from 'node:process';

/** The usual lines for people; a JSON report beside them where CI asks for one. */
export const reporters: (string | [string, { outputFile: string }])[] = [
  'default',
  ...(env.HACONSOLE_TEST_REPORT
    ? [['json', { outputFile: env.HACONSOLE_TEST_REPORT }] as [string, { outputFile: string }]]
    : []),
];
