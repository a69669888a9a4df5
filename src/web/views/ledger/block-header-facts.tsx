// The six fields of a header, its hash, and what each is for.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Hash } from '../../components/figures.tsx';
import { Fact, Facts } from '../../components/layout.tsx';
import type { Block } from '../../data/block-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** The header of a block, field by field. */
export function BlockHeaderFacts({ block }: { readonly block: Block }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  return (
    <Facts>
      <Fact name={ledger.hash} note={ledger.fieldHashHelp}>
        <WorkHash hash={block.hash} /> <CopyButton text={block.hash} what={ledger.hash} />
      </Fact>
      <Fact name={ledger.fieldVersion} note={ledger.fieldVersionHelp}>
        <code>0x{(block.version >>> 0).toString(16).padStart(8, '0')}</code>
      </Fact>
      {block.previousHash !== null && (
        <Fact name={ledger.previousHash} note={ledger.fieldPreviousHelp}>
          <Link to="/block/$block" params={{ block: block.previousHash }}>
            <WorkHash hash={block.previousHash} />
          </Link>
        </Fact>
      )}
      <Fact name={ledger.fieldMerkleRoot} note={ledger.fieldMerkleRootHelp}>
        <Hash text={block.merkleRoot} what={ledger.fieldMerkleRoot} isWhole />
      </Fact>
      <Fact name={ledger.time} note={ledger.fieldTimeHelp}>
        {figures.exactTime(block.timeSec)} <code className="faint">{block.timeSec}</code>
      </Fact>
      <Fact name={ledger.fieldBits} note={ledger.fieldBitsHelp}>
        <WorkHash hash={block.target} /> <code className="faint">{block.bits}</code>
      </Fact>
      <Fact name={ledger.fieldNonce} note={ledger.fieldNonceHelp}>
        <code>{block.nonce}</code>
      </Fact>
      <Fact name={ledger.difficulty}>{figures.difficulty(block.difficulty)}</Fact>
      <Fact name={ledger.workTotal} note={ledger.workTotalHelp}>
        {figures.compact(Number(`0x${block.chainWork}`))}
      </Fact>
    </Facts>
  );
}

/** A whole hash whose leading zeros, the work, stand out. */
function WorkHash({ hash }: { readonly hash: string }): ReactNode {
  const zeros = /^0*/.exec(hash)?.[0] ?? '';
  return (
    <span className="hash hash-full">
      <span className="hash-zeros">{zeros}</span>
      {hash.slice(zeros.length)}
    </span>
  );
}
