/** HTML that is known to be safe: only what is made here, so that nothing in a file can pass for it. */
export class Markup {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML text or attribute value. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);

type Value = Markup | Markup[] | string | number;

const rendered = (value: Value): string => {
  if (Array.isArray(value)) return value.map(rendered).join('');
  return value instanceof Markup ? value.toString() : escapeHtml(String(value));
};

/** HTML from a template: what is put in is escaped, unless it came from here. */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Markup =>
  new Markup(String.raw({ raw: strings.raw }, ...values.map(rendered)));
