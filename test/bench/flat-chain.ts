// A chain whose set of coins grows to millions, to see what a coin costs when there are many: at each million some blocks spend as
// wallets do, mostly young coins, and some spend any coin at all. Inputs are empty, since scripts are to be skipped.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProjectRoot } from '../vectors/folder.ts';
import { BlockRecordFile, sheetPath } from './chain-file.ts';
import { ChainGenerator } from './chain-generator.ts';
import { type ChainProfile, REALISTIC } from './chain-profile.ts';

/** Blocks whose cost is to be measured. */
export interface FlatProbe {
  /** Millions of coins that exist, about. */
  readonly millions: number;
  /** Which coins are spent: as the realistic profile does, or any with equal chance. */
  readonly ages: 'realistic' | 'any';
  readonly firstHeight: number;
  readonly lastHeight: number;
}

/** A chain on disk that grows. */
export interface FlatChain {
  readonly path: string;
  readonly probes: readonly FlatProbe[];
}

const PROBE_BLOCKS = 10;
const PER_BLOCK = 2500;

const PROBE_SHAPES = [{ name: 'probe', weight: 1, inputs: [2, 2], outputs: [2, 2] }] as const;

const GROW: ChainProfile = {
  ...REALISTIC,
  shapes: [{ name: 'growth', weight: 1, inputs: [1, 1], outputs: [20, 40] }],
  ages: [{ weight: 1, blocks: 'any' }],
  dataOutputEvery: 0,
  isSigned: false,
};

const PROBES: readonly { readonly ages: FlatProbe['ages']; readonly profile: ChainProfile }[] = [
  { ages: 'realistic', profile: { ...GROW, shapes: PROBE_SHAPES, ages: REALISTIC.ages } },
  { ages: 'any', profile: { ...GROW, shapes: PROBE_SHAPES } },
];

/** The kept chain that grows to so many million coins; generated if there is none yet. */
export function ensureFlatChain(millions: number, seed: number): FlatChain {
  const path = join(findProjectRoot(), 'build', 'chains', `flat-${millions}m-seed${seed}.dat`);
  if (!existsSync(path)) writeFlatChain(path, millions, seed);
  return { path, probes: JSON.parse(readFileSync(sheetPath(path), 'utf8')).probes };
}

function writeFlatChain(path: string, millions: number, seed: number): void {
  const generator = new ChainGenerator({
    transactions: Number.MAX_SAFE_INTEGER,
    seed,
    transactionsPerBlock: PER_BLOCK,
    profile: GROW,
  });
  const file = new BlockRecordFile(path, generator.params.magic);
  const append = (): void => file.append(generator.nextBlock()!);
  file.append(generator.params.genesis);
  const probes: FlatProbe[] = [];
  for (let million = 1; million <= millions; million++) {
    generator.turnTo(GROW);
    while (generator.coinCount < million * 1e6) append();
    for (const { ages, profile } of PROBES) {
      generator.turnTo(profile);
      const firstHeight = generator.height + 1;
      for (let i = 0; i < PROBE_BLOCKS; i++) append();
      probes.push({ millions: million, ages, firstHeight, lastHeight: generator.height });
    }
  }
  file.finish({ summary: generator.summary, probes });
}
