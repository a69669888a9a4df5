// The file of the fee estimator, fee_estimates.dat, as Core 31 writes it: version, heights, the ranges of feerates, then the
// averages of the medium, the short and the long horizon. Its version stands for everything that does not change, so a file of
// this version has exactly these ranges, periods and decays; where Core would take others, this decoder refuses, and it refuses
// averages that are no finite numbers from zero on. Whether a file is too old to be read is for whoever has a clock.

import { DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import type { Result } from '../../kernel/util/result.ts';
import type { FeeHorizon } from './fee-estimate.ts';
import { type FeeHistory, HORIZON_SHAPES } from './fee-estimator.ts';
import { FEE_BUCKET_COUNT, FEE_BUCKETS } from './fee-estimator-buckets.ts';
import { createAverages, type HorizonAverages } from './fee-estimator-stats.ts';

/** Version of the format; a file of another one is of no use (Core CURRENT_FEES_FILE_VERSION). */
export const FEE_FILE_VERSION = 309_900;

/** Files older than this are not read: they know nothing of the present (Core MAX_FILE_AGE). */
export const FEE_FILE_AGE_SEC_MAX: number = 60 * 3_600;

/** How often the file is written while the node runs (Core FEE_FLUSH_INTERVAL). */
export const FEE_FILE_WRITE_INTERVAL_SEC = 3_600;

/** Bytes of a double. */
const DOUBLE_BYTES = 8;

/** In the order of the file. */
const HORIZONS_IN_FILE: readonly FeeHorizon[] = ['medium', 'short', 'long'];

/** The bytes of the file. */
export function encodeFeeHistory(history: FeeHistory): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(FEE_FILE_VERSION).u32(history.bestHeight).u32(history.firstHeight).u32(history.lastHeight);
  writeDoubles(writer, FEE_BUCKETS, 0, FEE_BUCKET_COUNT);
  for (const horizon of HORIZONS_IN_FILE) {
    const { decay, scale, periods } = HORIZON_SHAPES[horizon];
    const averages = history.averages[horizon];
    writeDouble(writer, decay);
    writer.u32(scale);
    writeDoubles(writer, averages.feerates, 0, FEE_BUCKET_COUNT);
    writeDoubles(writer, averages.confirmed, 0, FEE_BUCKET_COUNT);
    for (const values of [averages.confirmedWithin, averages.failedAfter]) {
      writer.compactSize(periods);
      for (let i = 0; i < periods; i++) writeDoubles(writer, values, i * FEE_BUCKET_COUNT, FEE_BUCKET_COUNT);
    }
  }
  return writer.finish();
}

function writeDoubles(writer: ByteWriter, values: ArrayLike<number>, start: number, count: number): void {
  writer.compactSize(count);
  for (let i = start; i < start + count; i++) writeDouble(writer, values[i]!);
}

const SCRATCH = new DataView(new ArrayBuffer(DOUBLE_BYTES));

function writeDouble(writer: ByteWriter, value: number): void {
  SCRATCH.setFloat64(0, value, true);
  writer.u32(SCRATCH.getUint32(0, true)).u32(SCRATCH.getUint32(4, true));
}

/** The history in the bytes of a file; bytes behind it are not looked at, as in Core. */
export function decodeFeeHistory(bytes: Uint8Array): Result<FeeHistory, DecodeError> {
  return decodeResult(() => readHistory(new ByteReader(bytes)));
}

function readHistory(reader: ByteReader): FeeHistory {
  expectNumber(reader, reader.i32('version'), FEE_FILE_VERSION, 'version');
  const bestHeight = reader.u32('best height');
  const firstHeight = reader.u32('first height');
  const lastHeight = reader.u32('last height');
  if (firstHeight > lastHeight || lastHeight > bestHeight)
    throw badValue(reader, 'block range', lastHeight, bestHeight);
  expectNumber(reader, reader.compactSize('feerate ranges'), FEE_BUCKET_COUNT, 'feerate ranges');
  for (const end of FEE_BUCKETS) expectNumber(reader, readDouble(reader, 'feerate range'), end, 'feerate range');
  const medium = readAverages(reader, 'medium');
  const short = readAverages(reader, 'short');
  const long = readAverages(reader, 'long');
  return { bestHeight, firstHeight, lastHeight, averages: { short, medium, long } };
}

function readAverages(reader: ByteReader, horizon: FeeHorizon): HorizonAverages {
  const shape = HORIZON_SHAPES[horizon];
  expectNumber(reader, readDouble(reader, 'decay'), shape.decay, 'decay');
  expectNumber(reader, reader.u32('scale'), shape.scale, 'scale');
  const averages = createAverages(shape);
  readDoubles(reader, averages.feerates, 0, 'feerate averages');
  readDoubles(reader, averages.confirmed, 0, 'transaction averages');
  readPeriods(reader, averages.confirmedWithin, shape.periods, 'confirmation averages');
  readPeriods(reader, averages.failedAfter, shape.periods, 'failure averages');
  return averages;
}

function readPeriods(reader: ByteReader, target: Float64Array, periods: number, what: string): void {
  expectNumber(reader, reader.compactSize(what), periods, what);
  for (let i = 0; i < periods; i++) readDoubles(reader, target, i * FEE_BUCKET_COUNT, what);
}

function readDoubles(reader: ByteReader, target: Float64Array, start: number, what: string): void {
  expectNumber(reader, reader.compactSize(what), FEE_BUCKET_COUNT, what);
  for (let i = start; i < start + FEE_BUCKET_COUNT; i++) {
    const value = readDouble(reader, what);
    if (!(value >= 0 && value < Infinity)) throw badValue(reader, what, value);
    target[i] = value;
  }
}

function readDouble(reader: ByteReader, what: string): number {
  SCRATCH.setUint32(0, reader.u32(what), true);
  SCRATCH.setUint32(4, reader.u32(what), true);
  return SCRATCH.getFloat64(0, true);
}

function expectNumber(reader: ByteReader, got: number, expected: number, what: string): void {
  if (got !== expected) throw badValue(reader, what, got, expected);
}

function badValue(reader: ByteReader, what: string, got: number, expected?: number): DecodeError {
  return new DecodeError('bad value', what, reader.position, got, expected);
}
