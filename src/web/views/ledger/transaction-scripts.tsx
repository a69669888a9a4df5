// The scripts of a transaction, folded away: each input with what it spends and what unlocks it, each output with its lock.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Amount, Hash } from '../../components/figures.tsx';
import { Fact, Facts } from '../../components/layout.tsx';
import { AddressLink } from '../../components/links.tsx';
import type { OutputScript, Transaction, TransactionInput, TransactionOutput } from '../../data/transaction-query.ts';
import { readableHex } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';

/** Inputs, and outputs, that are listed: of a payment to thousands nobody reads every script. */
const LISTED_MAX = 200;

/** The scripts, and the bytes. */
export function TransactionScripts({ transaction }: { readonly transaction: Transaction }): ReactNode {
  const { ledger } = useMessages();
  const { inputs, outputs, hex, wtxid } = transaction;
  return (
    <div>
      {inputs.slice(0, LISTED_MAX).map((input, i) => (
        <InputFold key={i} input={input} index={i} />
      ))}
      {outputs.slice(0, LISTED_MAX).map((output) => (
        <OutputFold key={output.index} output={output} />
      ))}
      <details className="fold">
        <summary>{ledger.rawBytes}</summary>
        <div className="stack">
          <p className="small">
            wtxid <Hash text={wtxid} what="wtxid" isWhole />
          </p>
          <CopyButton text={hex} what={ledger.rawBytes} />
          <pre className="code-block">{hex}</pre>
        </div>
      </details>
    </div>
  );
}

function InputFold({ input, index }: { readonly input: TransactionInput; readonly index: number }): ReactNode {
  const { ledger } = useMessages();
  const { outpoint, coinbaseHex, scriptSigAsm, witness, sequence, spent } = input;
  return (
    <details className="fold">
      <summary>
        {ledger.input(index)} {spent !== null && <Amount sat={spent.valueSat} />}
      </summary>
      <Facts>
        {outpoint !== null && (
          <Fact name={ledger.spends}>
            <Link to="/tx/$txid" params={{ txid: outpoint.txid }}>
              <Hash text={outpoint.txid} />
            </Link>
            {`:${outpoint.index}`}
          </Fact>
        )}
        {spent !== null && <ScriptFacts script={spent.script} />}
        {coinbaseHex !== null && (
          <Fact name={ledger.coinbase}>
            <code className="hash-full hash">{coinbaseHex}</code>
          </Fact>
        )}
        {scriptSigAsm !== '' && (
          <Fact name={ledger.scriptSig}>
            <code className="hash-full hash">{scriptSigAsm}</code>
          </Fact>
        )}
        {witness.length > 0 && (
          <Fact name={ledger.witness}>
            <ol className="stack">
              {witness.map((item, i) => (
                <li key={i}>
                  <code className="hash-full hash">{item === '' ? '∅' : item}</code>
                </li>
              ))}
            </ol>
          </Fact>
        )}
        <Fact name={ledger.sequence}>
          <code>0x{sequence.toString(16).padStart(8, '0')}</code>
        </Fact>
      </Facts>
    </details>
  );
}

function OutputFold({ output }: { readonly output: TransactionOutput }): ReactNode {
  const { ledger } = useMessages();
  return (
    <details className="fold">
      <summary>
        {ledger.output(output.index)} <Amount sat={output.valueSat} />
      </summary>
      <Facts>
        <ScriptFacts script={output.script} />
      </Facts>
    </details>
  );
}

/** Bytes of hex before the data of an output of data: the operation and one length. */
const DATA_START = 4;

function ScriptFacts({ script }: { readonly script: OutputScript }): ReactNode {
  const { ledger } = useMessages();
  const text = script.type === 'nulldata' ? readableHex(script.hex.slice(DATA_START)) : null;
  return (
    <>
      {script.address !== null && (
        <Fact name={ledger.addressTitle}>
          <AddressLink address={script.address} isWhole />
        </Fact>
      )}
      {text !== null && <Fact name={ledger.dataOutput}>{text}</Fact>}
      <Fact name={ledger.scriptPubKey} note={script.type}>
        <code className="hash-full hash">{script.asm}</code>
      </Fact>
    </>
  );
}
