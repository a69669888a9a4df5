// The names of the scripted hostile peers: what a seed can draw. What each does is in the file of that name.

/** Hostile peers. */
export type AdversaryKind =
  | 'low-work-headers'
  | 'staller'
  | 'inv-flood'
  | 'addr-flood'
  | 'bad-block'
  | 'eclipse'
  | 'tx-staller';

/** All of them. */
export const ADVERSARY_KINDS: readonly AdversaryKind[] = Object.freeze([
  'low-work-headers',
  'staller',
  'inv-flood',
  'addr-flood',
  'bad-block',
  'eclipse',
  'tx-staller',
] as const);
