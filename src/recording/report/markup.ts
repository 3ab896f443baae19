/** HTML that is known to be safe. */
export type Markup = { markup: string };

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML text or attribute value. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);

type Value = Markup | Markup[] | string | number;

const rendered = (value: Value): string => {
  if (Array.isArray(value)) return value.map((one) => one.markup).join('');
  return typeof value === 'object' ? value.markup : escapeHtml(String(value));
};

/** HTML from a template: what is put in is escaped, unless it came from here. */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Markup => ({
  markup: String.raw({ raw: strings.raw }, ...values.map(rendered)),
});
