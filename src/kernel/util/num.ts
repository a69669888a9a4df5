// Products of safe integers, compared and divided exactly although they may be longer than the 53 bits that a number holds:
// fees times sizes (Core FeeFrac::Mul and Div). A product is taken as two numbers whose sum it is: the rounded product, and
// what the rounding lost (T. J. Dekker, "A floating-point technique for extending the available precision", 1971). No bigint.

/** 2^27 + 1: multiplying by it and taking back cuts 53 bits into two halves of at most 26 (Veltkamp's splitting). */
const SPLITTER = 134_217_729;

/** What `product`, the rounded product of the safe integers `a` and `b`, lacks of the true one. Exact. */
function productError(a: number, b: number, product: number): number {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * Sign of `a*b - c*d` for safe integers: -1, 0 or 1. Rounding keeps the order, so rounded products that differ decide at once;
 * where they are equal, the rest that rounding took from each decides.
 */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  if (left !== right) return left < right ? -1 : 1;
  const difference = productError(a, b, left) - productError(c, d, right);
  if (difference === 0) return 0;
  return difference < 0 ? -1 : 1;
}

/**
 * The largest integer that is not above `a*b / divisor`, for safe integers and a positive divisor. A result beyond the safe integers
 * becomes the nearest of them: no fee is that large, so whoever compares with one still gets the right answer.
 */
export function mulDivFloor(a: number, b: number, divisor: number): number {
  let quotient = Math.floor((a * b) / divisor);
  if (Math.abs(quotient) >= Number.MAX_SAFE_INTEGER) return Math.sign(quotient) * Number.MAX_SAFE_INTEGER;
  while (compareProducts(quotient, divisor, a, b) > 0) quotient--;
  while (compareProducts(quotient + 1, divisor, a, b) <= 0) quotient++;
  return quotient;
}

/** The smallest integer that is not below `a*b / divisor`; otherwise as {@link mulDivFloor}. */
export function mulDivCeil(a: number, b: number, divisor: number): number {
  return -mulDivFloor(-a, b, divisor) + 0;
}
