// What a chart shows.

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  /** One value for each point; null: a gap. */
  readonly values: readonly (number | null)[];
  readonly kind: 'line' | 'area' | 'steps' | 'dashes' | 'dots';
  /** Colour by name; the accent where none is given. */
  readonly colour?: '--accent' | '--ink-faint' | '--warn';
}

/** A chart. */
export interface ChartProps {
  /** Where the points stand, from left to right. */
  readonly at: readonly number[];
  readonly atName: string;
  readonly lines: readonly ChartLine[];
  readonly formatAt: (at: number) => string;
  readonly formatValue: (value: number) => string;
  /** What the picture says, in words. */
  readonly summary: string;
  readonly heightPx?: number;
  /** Whether values stand at the logarithm of their size: for what grows by factors. */
  readonly isLogarithmic?: boolean;
  /** Whether the scale begins at nothing, so that heights can be compared. */
  readonly isFromZero?: boolean;
}
