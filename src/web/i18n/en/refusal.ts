// English: how a refusal is told. The rules themselves come with the refusal.

/** Words for how a value must compare. */
const EXPECTS: Readonly<Record<string, string>> = {
  equal: 'Wanted: exactly',
  'not-equal': 'Wanted: anything but',
  'at-most': 'Wanted: at most',
  'at-least': 'Wanted: at least',
  'more-than': 'Wanted: more than',
  'one-of': 'Wanted: one of',
};

/** See i18n/messages.ts. */
export const refusalEn = {
  title: 'Refused',
  actual: 'Found',
  expects: (comparison: string): string => EXPECTS[comparison] ?? 'Wanted',
  rule: (name: string): string => `Rule: ${name}`,
};
