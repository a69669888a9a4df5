// Links to what the ledger holds.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFigures } from '../i18n/messages.tsx';
import { Hash } from './figures.tsx';

interface BlockLinkProps {
  readonly hash: string;
  /** Shown in place of the hash where it is known. */
  readonly height?: number;
}

/** A link to a block, by its height where it is known. */
export function BlockLink({ hash, height }: BlockLinkProps): ReactNode {
  const figures = useFigures();
  return (
    <Link to="/block/$block" params={{ block: hash }}>
      {height === undefined ? <Hash text={hash} /> : figures.integer(height)}
    </Link>
  );
}

interface TransactionLinkProps {
  readonly txid: string;
  /** The block that has it, where it is known: without an index of transactions it is found only there. */
  readonly blockHash?: string;
}

/** A link to a transaction. */
export function TransactionLink({ txid, blockHash }: TransactionLinkProps): ReactNode {
  return (
    <Link to="/tx/$txid" params={{ txid }} search={blockHash === undefined ? {} : { block: blockHash }}>
      <Hash text={txid} />
    </Link>
  );
}

/** A link to an address. */
export function AddressLink({
  address,
  isWhole = false,
}: {
  readonly address: string;
  readonly isWhole?: boolean;
}): ReactNode {
  return (
    <Link to="/address/$address" params={{ address }}>
      <Hash text={address} isWhole={isWhole} />
    </Link>
  );
}
