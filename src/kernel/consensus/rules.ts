// Every consensus rule as a person reads it: one sentence in English and in simplified Chinese, the BIP that made it, the
// field it speaks about, and the function of Bitcoin Core that enforces it. Checks name a rule by id; only this table and
// script-rules.ts hold words. Rules of standing policy (relay, mempool) are not here.

/** How the actual value must compare with the expected one for the rule to hold. */
export type RuleComparison = 'equal' | 'not-equal' | 'at-most' | 'at-least' | 'more-than' | 'one-of';

/** The words and the origin of a rule. */
export interface RuleText {
  /** The rule as a sentence in English. */
  readonly words: string;
  /** The same sentence in simplified Chinese. */
  readonly wordsZh: string;
  /** Number of the Bitcoin Improvement Proposal that introduced or changed the rule. */
  readonly bip?: number;
  /** The field that the values in a reject speak about; the suffix is the unit. */
  readonly field?: string;
  /** How `actual` must compare with `expected`. */
  readonly expects?: RuleComparison;
  /** The function of Bitcoin Core that enforces the rule. */
  readonly source: string;
}

const TABLE = {
  // --- headers: proof of work, links and time -----------------------------------------------------------------------
  'pow-target': {
    words: 'The difficulty bits of a header encode a target that is positive and not easier than the network allows.',
    wordsZh: '区块头的难度位所表示的目标值必须为正数，且不得比网络允许的最低难度更容易。',
    field: 'header.bits',
    expects: 'at-most',
    source: 'DeriveTarget',
  },
  'pow-hash': {
    words: 'The hash of a header, read as a number, is not above the target that the header claims.',
    wordsZh: '区块头的哈希值作为一个数字，不得大于该区块头所声明的目标值。',
    field: 'header.blockHash',
    expects: 'at-most',
    source: 'CheckProofOfWorkImpl',
  },
  'difficulty-bits': {
    words: 'A header carries exactly the difficulty that follows from the headers before it.',
    wordsZh: '区块头的难度必须与根据之前区块头计算出的难度完全一致。',
    field: 'header.bits',
    expects: 'equal',
    source: 'GetNextWorkRequired',
  },
  'time-median': {
    words: 'The time of a block is later than the median time of the eleven blocks before it.',
    wordsZh: '区块时间必须晚于其前十一个区块的时间中位数。',
    field: 'header.timeSec',
    expects: 'more-than',
    source: 'ContextualCheckBlockHeader',
  },
  'time-warp': {
    words:
      'The first block of a difficulty period is dated at most ten minutes before the last block of the period before.',
    wordsZh: '难度周期首个区块的时间最多只能比上一周期最后一个区块的时间早十分钟。',
    bip: 94,
    field: 'header.timeSec',
    expects: 'at-least',
    source: 'ContextualCheckBlockHeader',
  },
  'time-future': {
    words: 'The time of a block is at most two hours ahead of the clock of the node.',
    wordsZh: '区块时间最多只能比节点的时钟快两小时。',
    field: 'header.timeSec',
    expects: 'at-most',
    source: 'ContextualCheckBlockHeader',
  },
  'version-bip34': {
    words: 'Once block heights are required in coinbases, the version of a block is at least 2.',
    wordsZh: '自要求 coinbase 写明区块高度起，区块版本号至少为 2。',
    bip: 34,
    field: 'header.version',
    expects: 'at-least',
    source: 'ContextualCheckBlockHeader',
  },
  'version-bip66': {
    words: 'Once strict signature encoding is required, the version of a block is at least 3.',
    wordsZh: '自要求严格的签名编码起，区块版本号至少为 3。',
    bip: 66,
    field: 'header.version',
    expects: 'at-least',
    source: 'ContextualCheckBlockHeader',
  },
  'version-bip65': {
    words: 'Once OP_CHECKLOCKTIMEVERIFY is enforced, the version of a block is at least 4.',
    wordsZh: '自启用 OP_CHECKLOCKTIMEVERIFY 起，区块版本号至少为 4。',
    bip: 65,
    field: 'header.version',
    expects: 'at-least',
    source: 'ContextualCheckBlockHeader',
  },
  'known-parent': {
    words: 'A header extends a header that the node already knows.',
    wordsZh: '区块头必须接在节点已知的区块头之后。',
    field: 'header.previousBlockHash',
    source: 'AcceptBlockHeader',
  },
  'valid-parent': {
    words: 'No block may stand on an invalid block.',
    wordsZh: '任何区块都不得接在无效区块之后。',
    field: 'header.previousBlockHash',
    source: 'AcceptBlockHeader',
  },
  'known-invalid': {
    words: 'A block that was found invalid before stays invalid.',
    wordsZh: '曾被判定无效的区块始终无效。',
    field: 'header.blockHash',
    source: 'AcceptBlockHeader',
  },
  'enough-chainwork': {
    words: 'A header is stored only on a chain that shows enough proof of work.',
    wordsZh: '只有累计工作量足够的链上的区块头才会被保存。',
    expects: 'at-least',
    source: 'AcceptBlockHeader',
  },

  // --- transactions, without context --------------------------------------------------------------------------------
  'tx-inputs': {
    words: 'A transaction has at least one input.',
    wordsZh: '交易至少有一个输入。',
    field: 'tx.inputCount',
    expects: 'at-least',
    source: 'CheckTransaction',
  },
  'tx-outputs': {
    words: 'A transaction has at least one output.',
    wordsZh: '交易至少有一个输出。',
    field: 'tx.outputCount',
    expects: 'at-least',
    source: 'CheckTransaction',
  },
  'tx-size': {
    words: 'A transaction without its witness is small enough to fit into a block.',
    wordsZh: '不含见证数据的交易必须小到能够放入一个区块。',
    field: 'tx.strippedSize',
    expects: 'at-most',
    source: 'CheckTransaction',
  },
  'output-not-negative': {
    words: 'No output has a negative value.',
    wordsZh: '任何输出的金额都不得为负。',
    field: 'output.valueSat',
    expects: 'at-least',
    source: 'CheckTransaction',
  },
  'output-max-money': {
    words: 'No output is worth more than 21 million coins.',
    wordsZh: '任何输出的金额都不得超过 2100 万枚币。',
    field: 'output.valueSat',
    expects: 'at-most',
    source: 'CheckTransaction',
  },
  'outputs-max-money': {
    words: 'All outputs of a transaction together are worth at most 21 million coins.',
    wordsZh: '一笔交易所有输出的总额不得超过 2100 万枚币。',
    field: 'tx.outputsTotalSat',
    expects: 'at-most',
    source: 'CheckTransaction',
  },
  'inputs-distinct': {
    words: 'A transaction spends no coin twice.',
    wordsZh: '一笔交易不得重复花费同一枚币。',
    field: 'input.outpoint',
    source: 'CheckTransaction',
  },
  'coinbase-script-length': {
    words: 'The script of a coinbase is 2 to 100 bytes long.',
    wordsZh: 'coinbase 的脚本长度为 2 至 100 字节。',
    field: 'input.scriptSigLength',
    expects: 'one-of',
    source: 'CheckTransaction',
  },
  'input-names-coin': {
    words: 'Every input of a transaction that is no coinbase names the coin it spends.',
    wordsZh: '非 coinbase 交易的每个输入都必须指明所花费的币。',
    field: 'input.outpoint',
    source: 'CheckTransaction',
  },
  'coinbase-only-in-block': {
    words: 'A coinbase exists only as the first transaction of a block.',
    wordsZh: 'coinbase 只能作为区块中的第一笔交易存在。',
    source: 'MemPoolAccept::PreChecks',
  },

  // --- transactions, against coins and heights -----------------------------------------------------------------------
  'input-unspent': {
    words: 'Every input spends a coin that exists and was not spent before.',
    wordsZh: '每个输入所花费的币必须存在且尚未被花费。',
    field: 'input.outpoint',
    source: 'CheckTxInputs',
  },
  'coinbase-maturity': {
    words: 'The reward of a block is spent at the earliest one hundred blocks later.',
    wordsZh: '区块奖励最早须在一百个区块之后才能花费。',
    field: 'input.coinDepth',
    expects: 'at-least',
    source: 'CheckTxInputs',
  },
  'inputs-max-money': {
    words: 'The coins that a transaction spends are together worth at most 21 million coins.',
    wordsZh: '一笔交易所花费的币总额不得超过 2100 万枚。',
    field: 'tx.inputsTotalSat',
    expects: 'at-most',
    source: 'CheckTxInputs',
  },
  'no-overdraft': {
    words: 'A transaction pays out no more than the coins it spends are worth.',
    wordsZh: '一笔交易支付的总额不得超过其所花费的币的总额。',
    field: 'tx.outputsTotalSat',
    expects: 'at-most',
    source: 'CheckTxInputs',
  },
  'fee-range': {
    words: 'The fee of a transaction is between zero and 21 million coins.',
    wordsZh: '交易手续费必须介于零与 2100 万枚币之间。',
    field: 'tx.feeSat',
    expects: 'at-most',
    source: 'CheckTxInputs',
  },
  locktime: {
    words: 'A transaction enters a block only after the height or time of its locktime has passed.',
    wordsZh: '只有在锁定时间所指的高度或时间过去之后，交易才能进入区块。',
    bip: 113,
    field: 'tx.locktime',
    expects: 'at-most',
    source: 'IsFinalTx',
  },
  'sequence-lock': {
    words: 'An input waits as many blocks, or as much time, after the coin it spends as its sequence number demands.',
    wordsZh: '输入必须在其所花费的币产生之后，等待序列号所要求的区块数或时间。',
    bip: 68,
    field: 'input.sequence',
    source: 'SequenceLocks',
  },
  'input-script': {
    words: 'The script of every spent coin accepts the input that spends it.',
    wordsZh: '每枚被花费的币，其脚本都必须认可花费它的输入。',
    field: 'input.script',
    source: 'VerifyScript',
  },

  // --- blocks ---------------------------------------------------------------------------------------------------------
  'block-size': {
    words: 'A block has at least one transaction and, without witnesses, at most a million bytes.',
    wordsZh: '区块至少包含一笔交易，且不含见证数据时不超过一百万字节。',
    field: 'block.strippedSize',
    expects: 'at-most',
    source: 'CheckBlock',
  },
  'coinbase-first': {
    words: 'The first transaction of a block is a coinbase.',
    wordsZh: '区块的第一笔交易必须是 coinbase。',
    source: 'CheckBlock',
  },
  'coinbase-once': {
    words: 'Only the first transaction of a block is a coinbase.',
    wordsZh: '区块中只有第一笔交易可以是 coinbase。',
    source: 'CheckBlock',
  },
  'merkle-root': {
    words: 'The header commits to exactly the transactions that the block carries.',
    wordsZh: '区块头所承诺的交易必须与区块中的交易完全一致。',
    field: 'header.merkleRoot',
    expects: 'equal',
    source: 'CheckMerkleRoot',
  },
  'merkle-no-repeats': {
    words: 'The merkle tree repeats no transactions: such a copy has the same root and is not the block itself.',
    wordsZh: '默克尔树中不得有重复的交易：这种副本的根相同，但并不是原来的区块。',
    source: 'CheckMerkleRoot',
  },
  'sigops-legacy': {
    words:
      'The scripts in a block contain at most 20,000 signature operations, counted without looking at the spent coins.',
    wordsZh: '在不考虑所花费的币的情况下，区块内脚本最多包含 20,000 次签名操作。',
    field: 'block.sigopsCost',
    expects: 'at-most',
    source: 'CheckBlock',
  },
  'sigops-cost': {
    words: 'The signature operations of a block cost at most 80,000 in all.',
    wordsZh: '一个区块的签名操作总成本不得超过 80,000。',
    bip: 141,
    field: 'block.sigopsCost',
    expects: 'at-most',
    source: 'ConnectBlock',
  },
  'coinbase-height': {
    words: 'The script of a coinbase begins with the height of its block.',
    wordsZh: 'coinbase 的脚本必须以所在区块的高度开头。',
    bip: 34,
    field: 'input.scriptSig',
    expects: 'equal',
    source: 'ContextualCheckBlock',
  },
  'witness-reserved-value': {
    words: 'The witness of a coinbase that commits to witnesses is a single value of 32 bytes.',
    wordsZh: '承诺见证数据的 coinbase，其见证必须是唯一一个 32 字节的值。',
    bip: 141,
    field: 'input.witness',
    source: 'CheckWitnessMalleation',
  },
  'witness-commitment': {
    words: 'The coinbase commits to exactly the witnesses that the block carries.',
    wordsZh: 'coinbase 所承诺的见证数据必须与区块中的见证数据完全一致。',
    bip: 141,
    field: 'output.witnessCommitment',
    expects: 'equal',
    source: 'CheckWitnessMalleation',
  },
  'witness-committed': {
    words: 'A block that commits to no witnesses carries none.',
    wordsZh: '未承诺见证数据的区块不得包含见证数据。',
    bip: 141,
    source: 'CheckWitnessMalleation',
  },
  'block-weight': {
    words: 'A block weighs at most four million weight units.',
    wordsZh: '区块重量不得超过四百万重量单位。',
    bip: 141,
    field: 'block.weightWu',
    expects: 'at-most',
    source: 'ContextualCheckBlock',
  },
  'no-overwrite': {
    words: 'No transaction takes the place of an earlier one of the same id whose coins are not all spent.',
    wordsZh: '若早先同一交易 ID 的币尚未全部花费，新的交易不得将其覆盖。',
    bip: 30,
    field: 'tx.txid',
    source: 'ConnectBlock',
  },
  'block-fees-range': {
    words: 'The fees of a block add up to at most 21 million coins.',
    wordsZh: '一个区块的手续费总额不得超过 2100 万枚币。',
    field: 'block.feesSat',
    expects: 'at-most',
    source: 'ConnectBlock',
  },
  'coinbase-amount': {
    words: 'The coinbase pays out at most the subsidy of its height and the fees of its block.',
    wordsZh: 'coinbase 支付的金额不得超过该高度的区块补贴与本区块手续费之和。',
    field: 'coinbase.outputsTotalSat',
    expects: 'at-most',
    source: 'ConnectBlock',
  },
  'signet-solution': {
    words: 'Every block of a signet satisfies the challenge script of the network.',
    wordsZh: 'signet 的每个区块都必须满足该网络的挑战脚本。',
    bip: 325,
    source: 'CheckSignetBlockSolution',
  },
} as const;

/** The name of a consensus rule. */
export type RuleId = keyof typeof TABLE;

/** The words of every rule by id. */
export const RULES: Readonly<Record<RuleId, RuleText>> = TABLE;
