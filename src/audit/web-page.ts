/** Whether a page of httpd's noindex folder is the distribution's own. */
export const isSampleText = (text: string): boolean =>
  /Test Page|Testing 1\s*2\s*3|Apache HTTP Server/i.test(text.slice(0, 20_000));
