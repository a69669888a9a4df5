// Nominal types over structural ones. A brand names an identity (a hash, a peer id), never a quantity.

declare const brand: unique symbol;

/** `T` that only the function which makes it may produce; costs nothing at run time. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
