// Shapes of data that were JSON: whether a value that came out of a file is what its type says. For records alone; nothing is
// converted, and a field that is not known is refused, because it would be lost when its record is stored again.

/** Says whether a value has a shape. */
export type Shape<T> = (value: unknown) => value is T;

type OptionalKey<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];
type RequiredKey<T> = Exclude<keyof T, OptionalKey<T>>;

/** A text; of these characters, where that is said. */
export function text(pattern: RegExp | null = null): Shape<string> {
  return (value): value is string => typeof value === 'string' && (pattern === null || pattern.test(value));
}

/** Hexadecimal digits in lower case: so many bytes, or any number of them. */
export function hex(bytes: number | null = null): Shape<string> {
  return (value): value is string =>
    typeof value === 'string' &&
    (bytes === null ? value.length % 2 === 0 : value.length === 2 * bytes) &&
    !/[^0-9a-f]/.test(value);
}

/** A whole number that is exact and not below `min`. */
export function integer(min = 0): Shape<number> {
  return (value): value is number => Number.isSafeInteger(value) && (value as number) >= min;
}

export function flag(): Shape<boolean> {
  return (value): value is boolean => typeof value === 'boolean';
}

/** One of some words. */
export function word<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value): value is T => words.some((one) => one === value);
}

/** Null, or the shape. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || shape(value);
}

/** A list of the shape. */
export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(shape);
}

/** Fields that must be there, and fields that may. */
export function fields<T>(
  required: { readonly [K in RequiredKey<T>]: Shape<T[K]> },
  optional: { readonly [K in OptionalKey<T>]: Shape<Exclude<T[K], undefined>> },
): Shape<T> {
  const known = new Map<string, Shape<unknown>>(Object.entries({ ...required, ...optional }));
  const names = Object.keys(required);
  return (value): value is T => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const isKnown = Object.entries(value).every(([name, field]) => known.get(name)?.(field) === true);
    return isKnown && names.every((name) => Object.hasOwn(value, name));
  };
}

/** One of several kinds of data, told apart by `kind`. */
export function variants<T extends { readonly kind: string }>(
  shapes: { readonly [K in T['kind']]: Shape<Extract<T, { readonly kind: K }>> },
): Shape<T> {
  const byKind = new Map<unknown, Shape<unknown>>(Object.entries(shapes));
  return (value): value is T => {
    const isData = typeof value === 'object' && value !== null && 'kind' in value;
    return isData && byKind.get(value.kind)?.(value) === true;
  };
}
