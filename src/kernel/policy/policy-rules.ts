// Every rule of policy as a person reads it: one sentence in English and in simplified Chinese, the BIP behind it, the field it
// speaks about, and the function of Bitcoin Core that applies it. Checks name a rule by id; only this table holds words.
// Breaking one of these makes no block invalid: it is what nodes relay, keep and mine by default. Consensus rules are in
// consensus/rules.ts, those of scripts in consensus/script-rules.ts.

import type { RuleText } from '../consensus/rules.ts';

const TABLE = {
  // --- the transaction alone ----------------------------------------------------------------------------------------
  'standard-version': {
    words: 'The version of a relayed transaction is 1, 2 or 3; others wait for a meaning.',
    wordsZh: '被转发的交易版本号须为 1、2 或 3；其他版本号留待将来赋予含义。',
    field: 'tx.version',
    expects: 'one-of',
    source: 'IsStandardTx',
  },
  'standard-weight': {
    words: 'A relayed transaction weighs at most 400,000 weight units, a tenth of a block.',
    wordsZh: '被转发的交易重量不得超过 400,000 重量单位，即区块的十分之一。',
    field: 'tx.weightWu',
    expects: 'at-most',
    source: 'IsStandardTx',
  },
  'standard-script-sig-size': {
    words: 'The script of an input is at most 1,650 bytes long.',
    wordsZh: '输入脚本的长度不得超过 1,650 字节。',
    field: 'input.scriptSigLength',
    expects: 'at-most',
    source: 'IsStandardTx',
  },
  'standard-script-sig-pushes': {
    words: 'The script of an input does nothing but push data.',
    wordsZh: '输入脚本只能压入数据，不得执行其他操作。',
    bip: 62,
    field: 'input.scriptSig',
    source: 'IsStandardTx',
  },
  'standard-output-script': {
    words: 'Every output has one of the known script templates.',
    wordsZh: '每个输出的脚本都必须符合一种已知模板。',
    field: 'output.scriptPubKey',
    source: 'IsStandardTx',
  },
  'standard-data-bytes': {
    words: 'The data outputs of a transaction are together no longer than the node allows.',
    wordsZh: '一笔交易的数据输出总长度不得超过节点允许的上限。',
    field: 'output.scriptPubKeyLength',
    expects: 'at-most',
    source: 'IsStandardTx',
  },
  'standard-bare-multisig': {
    words: 'This node relays multisig outputs only as the hash of their script.',
    wordsZh: '本节点只转发以脚本哈希形式出现的多重签名输出。',
    field: 'output.scriptPubKey',
    source: 'IsStandardTx',
  },
  'standard-dust': {
    words: 'At most one output of a transaction is worth less than it costs to spend.',
    wordsZh: '一笔交易中至多有一个输出的金额低于花费它所需的费用。',
    field: 'tx.dustOutputCount',
    expects: 'at-most',
    source: 'IsStandardTx',
  },
  'standard-stripped-size': {
    words:
      'A transaction without its witness is longer than 64 bytes, so that it passes for no inner node of a merkle tree.',
    wordsZh: '不含见证数据的交易须长于 64 字节，以免被误认为默克尔树的内部节点。',
    field: 'tx.strippedSize',
    expects: 'at-least',
    source: 'MemPoolAccept::PreChecks',
  },

  // --- the coins it spends ------------------------------------------------------------------------------------------
  'standard-legacy-sigops': {
    words: 'The inputs of a transaction run at most 2,500 signature operations outside the witness.',
    wordsZh: '一笔交易的所有输入在见证数据之外至多执行 2,500 次签名操作。',
    bip: 54,
    field: 'tx.legacySigops',
    expects: 'at-most',
    source: 'CheckSigopsBIP54',
  },
  'standard-spent-script': {
    words: 'Every spent coin has one of the known script templates.',
    wordsZh: '每枚被花费的币，其脚本都必须符合一种已知模板。',
    field: 'coin.scriptPubKey',
    source: 'ValidateInputsStandardness',
  },
  'standard-spent-program': {
    words: 'No spent coin is locked by a witness program that has no meaning yet.',
    wordsZh: '被花费的币不得由尚无含义的见证程序锁定。',
    bip: 141,
    field: 'coin.scriptPubKey',
    source: 'ValidateInputsStandardness',
  },
  'p2sh-pushes': {
    words: 'The script of an input that spends a script hash can be read, and what it pushes is not too long.',
    wordsZh: '花费脚本哈希的输入，其脚本必须可以解析，且所压入的数据不得过长。',
    bip: 16,
    field: 'input.scriptSig',
    source: 'ValidateInputsStandardness',
  },
  'p2sh-redeem-script': {
    words: 'An input that spends a script hash shows the script.',
    wordsZh: '花费脚本哈希的输入必须给出该脚本。',
    bip: 16,
    field: 'input.scriptSig',
    source: 'ValidateInputsStandardness',
  },
  'p2sh-sigops': {
    words: 'A script behind a script hash has at most 15 signature operations.',
    wordsZh: '脚本哈希背后的脚本至多包含 15 次签名操作。',
    bip: 16,
    field: 'input.redeemScriptSigops',
    expects: 'at-most',
    source: 'ValidateInputsStandardness',
  },
  'standard-sigops-cost': {
    words: 'The signature operations of a relayed transaction cost at most 16,000, a fifth of a block.',
    wordsZh: '被转发的交易，其签名操作总成本不得超过 16,000，即区块上限的五分之一。',
    field: 'tx.sigopsCost',
    expects: 'at-most',
    source: 'MemPoolAccept::PreChecks',
  },
  'standard-script': {
    words: 'Every input satisfies the stricter script rules of relay, which keep room for later upgrades.',
    wordsZh: '每个输入都必须满足转发时更严格的脚本规则，以便为将来的升级留出余地。',
    field: 'input.script',
    source: 'CheckInputScripts',
  },

  // --- witnesses ----------------------------------------------------------------------------------------------------
  'witness-anchor': {
    words: 'An input that spends an anchor has no witness.',
    wordsZh: '花费锚点输出的输入不得带有见证数据。',
    field: 'input.witness',
    source: 'IsWitnessStandard',
  },
  'witness-program': {
    words: 'Only an input that spends a witness program has a witness.',
    wordsZh: '只有花费见证程序的输入才可以带有见证数据。',
    bip: 141,
    field: 'input.witness',
    source: 'IsWitnessStandard',
  },
  'witness-script-size': {
    words: 'A witness script is at most 3,600 bytes long.',
    wordsZh: '见证脚本的长度不得超过 3,600 字节。',
    field: 'input.witnessScriptLength',
    expects: 'at-most',
    source: 'IsWitnessStandard',
  },
  'witness-item-count': {
    words: 'At most 100 items lie below a witness script.',
    wordsZh: '见证脚本之下至多有 100 个数据项。',
    field: 'input.witnessItemCount',
    expects: 'at-most',
    source: 'IsWitnessStandard',
  },
  'witness-item-size': {
    words: 'Every item that a witness script is given is at most 80 bytes long.',
    wordsZh: '提供给见证脚本的每个数据项不得超过 80 字节。',
    field: 'input.witnessItemLength',
    expects: 'at-most',
    source: 'IsWitnessStandard',
  },
  'witness-annex': {
    words: 'A taproot witness has no annex: none has a meaning yet.',
    wordsZh: 'Taproot 见证不得带有附件，因为附件尚无含义。',
    bip: 341,
    field: 'input.witness',
    source: 'IsWitnessStandard',
  },
  'witness-control-block': {
    words: 'The control block of a taproot script path is not empty.',
    wordsZh: 'Taproot 脚本路径的控制块不得为空。',
    bip: 341,
    field: 'input.witness',
    source: 'IsWitnessStandard',
  },
  'tapscript-item-size': {
    words: 'Every item that a tapscript is given is at most 80 bytes long.',
    wordsZh: '提供给 tapscript 的每个数据项不得超过 80 字节。',
    bip: 342,
    field: 'input.witnessItemLength',
    expects: 'at-most',
    source: 'IsWitnessStandard',
  },

  // --- the mempool --------------------------------------------------------------------------------------------------
  'mempool-new': {
    words: 'A transaction enters the mempool once.',
    wordsZh: '同一笔交易只能进入内存池一次。',
    field: 'tx.wtxid',
    source: 'MemPoolAccept::PreChecks',
  },
  'mempool-new-witness': {
    words: 'A transaction that differs from one in the mempool by its witness alone is not taken.',
    wordsZh: '若交易与内存池中的某笔交易仅见证数据不同，则不予接收。',
    field: 'tx.txid',
    source: 'MemPoolAccept::PreChecks',
  },
  'mempool-unconfirmed': {
    words: 'A transaction that is already in the active chain does not enter the mempool.',
    wordsZh: '已在主链中的交易不得再进入内存池。',
    field: 'tx.txid',
    source: 'MemPoolAccept::PreChecks',
  },
  'mempool-exists': {
    words: 'This node keeps no mempool and so judges no loose transactions.',
    wordsZh: '本节点没有内存池，因此不检验未入块的交易。',
    source: 'ChainstateManager::ProcessTransaction',
  },
  'mempool-full': {
    words: 'When the mempool is full, what pays least for its size has to leave.',
    wordsZh: '内存池已满时，单位大小付费最低的交易必须离开。',
    field: 'mempool.usedBytes',
    expects: 'at-most',
    source: 'LimitMempoolSize',
  },
  'mempool-minimum-fee': {
    words: 'A transaction pays at least the rate that the mempool asks while it is short of room.',
    wordsZh: '交易支付的费率不得低于内存池在空间紧张时所要求的费率。',
    field: 'tx.feeSat',
    expects: 'at-least',
    source: 'MemPoolAccept::CheckFeeRate',
  },
  'relay-minimum-fee': {
    words: 'A transaction pays at least the lowest rate that this node relays.',
    wordsZh: '交易支付的费率不得低于本节点转发的最低费率。',
    field: 'tx.feeSat',
    expects: 'at-least',
    source: 'MemPoolAccept::CheckFeeRate',
  },
  'feerate-ceiling': {
    words: 'A transaction pays no higher rate than its sender said was meant.',
    wordsZh: '交易支付的费率不得高于发送者所设定的上限。',
    field: 'tx.feerateSatPerKvb',
    expects: 'at-most',
    source: 'MemPoolAccept::AcceptSingleTransactionInternal',
  },
  'cluster-limits': {
    words: 'Transactions that depend on each other are together neither too many nor too large.',
    wordsZh: '相互依赖的交易，其总数与总大小均不得过大。',
    source: 'CTxMemPool::ChangeSet::CheckMemPoolPolicyLimits',
  },

  // --- replacement --------------------------------------------------------------------------------------------------
  'replacement-allowed': {
    words: 'Where replacement is not allowed, no transaction spends a coin that another in the mempool spends.',
    wordsZh: '在不允许替换时，交易不得花费内存池中其他交易已花费的币。',
    field: 'input.outpoint',
    source: 'MemPoolAccept::PreChecks',
  },
  'replacement-clusters': {
    words: 'A replacement conflicts with transactions of at most 100 clusters.',
    wordsZh: '替换交易所冲突的交易至多分属 100 个簇。',
    bip: 125,
    field: 'replacement.clusterCount',
    expects: 'at-most',
    source: 'GetEntriesForConflicts',
  },
  'replacement-fees': {
    words: 'A replacement pays at least as much as everything that it replaces.',
    wordsZh: '替换交易支付的手续费不得少于其所替换的全部交易之和。',
    bip: 125,
    field: 'replacement.feeSat',
    expects: 'at-least',
    source: 'PaysForRBF',
  },
  'replacement-relay-fee': {
    words: 'What a replacement pays on top of the replaced transactions covers its own relay.',
    wordsZh: '替换交易比被替换交易多付的手续费，必须足以支付其自身的转发成本。',
    bip: 125,
    field: 'replacement.additionalFeeSat',
    expects: 'at-least',
    source: 'PaysForRBF',
  },
  'replacement-diagram': {
    words: 'A replacement makes the mempool better for miners at some size and worse at none.',
    wordsZh: '替换必须使内存池在某一大小上对矿工更有利，且在任何大小上都不更差。',
    field: 'replacement.diagram',
    expects: 'more-than',
    source: 'ImprovesFeerateDiagram',
  },
  'replacement-independent': {
    words: 'A replacement spends nothing that it would itself remove.',
    wordsZh: '替换交易不得花费将被它自己移除的交易的输出。',
    field: 'tx.txid',
    source: 'EntriesAndTxidsDisjoint',
  },
  'replacement-package-topology': {
    words: 'A package replaces others only as one parent and one child.',
    wordsZh: '交易包只有在由一个父交易和一个子交易组成时才能替换其他交易。',
    field: 'package.count',
    expects: 'equal',
    source: 'MemPoolAccept::PackageRBFChecks',
  },
  'replacement-package-ancestors': {
    words: 'A package that replaces others depends on nothing in the mempool.',
    wordsZh: '用于替换的交易包不得依赖内存池中的任何交易。',
    source: 'MemPoolAccept::PackageRBFChecks',
  },
  'replacement-package-feerate': {
    words: 'A package that replaces others pays a higher rate than its parent alone.',
    wordsZh: '用于替换的交易包，其费率必须高于其父交易单独的费率。',
    field: 'package.feerateSatPerKvb',
    expects: 'more-than',
    source: 'MemPoolAccept::PackageRBFChecks',
  },

  // --- TRUC: version 3 ----------------------------------------------------------------------------------------------
  'truc-child-version': {
    words: 'Only a transaction of version 3 spends an unconfirmed one of version 3.',
    wordsZh: '只有版本 3 的交易才能花费未确认的版本 3 交易。',
    bip: 431,
    field: 'tx.version',
    expects: 'equal',
    source: 'SingleTRUCChecks',
  },
  'truc-parent-version': {
    words: 'A transaction of version 3 spends unconfirmed ones of version 3 only.',
    wordsZh: '版本 3 的交易只能花费版本 3 的未确认交易。',
    bip: 431,
    field: 'parent.version',
    expects: 'equal',
    source: 'SingleTRUCChecks',
  },
  'truc-size': {
    words: 'A transaction of version 3 has at most 10,000 virtual bytes.',
    wordsZh: '版本 3 的交易不得超过 10,000 虚拟字节。',
    bip: 431,
    field: 'tx.vsize',
    expects: 'at-most',
    source: 'SingleTRUCChecks',
  },
  'truc-child-size': {
    words: 'A transaction of version 3 that spends an unconfirmed one has at most 1,000 virtual bytes.',
    wordsZh: '花费未确认交易的版本 3 交易不得超过 1,000 虚拟字节。',
    bip: 431,
    field: 'tx.vsize',
    expects: 'at-most',
    source: 'SingleTRUCChecks',
  },
  'truc-ancestors': {
    words: 'A transaction of version 3 has at most one unconfirmed ancestor.',
    wordsZh: '版本 3 的交易至多有一个未确认的祖先交易。',
    bip: 431,
    field: 'tx.ancestorCount',
    expects: 'at-most',
    source: 'SingleTRUCChecks',
  },
  'truc-descendants': {
    words: 'A transaction of version 3 has at most one unconfirmed descendant.',
    wordsZh: '版本 3 的交易至多有一个未确认的后代交易。',
    bip: 431,
    field: 'parent.descendantCount',
    expects: 'at-most',
    source: 'SingleTRUCChecks',
  },

  // --- ephemeral dust -----------------------------------------------------------------------------------------------
  'ephemeral-fee': {
    words:
      'A transaction with a dust output pays no fee, so that nobody mines it without the child that spends the dust.',
    wordsZh: '带有粉尘输出的交易不得支付手续费，使其只能与花费该粉尘的子交易一起被打包。',
    field: 'tx.feeSat',
    expects: 'equal',
    source: 'PreCheckEphemeralTx',
  },
  'ephemeral-spent': {
    words: 'A transaction that spends from an unconfirmed one with dust outputs spends all of its dust.',
    wordsZh: '花费带有粉尘输出的未确认交易时，必须花费其全部粉尘。',
    field: 'input.outpoint',
    source: 'CheckEphemeralSpends',
  },

  // --- packages -----------------------------------------------------------------------------------------------------
  'package-count': {
    words: 'A package has at most 25 transactions.',
    wordsZh: '一个交易包至多包含 25 笔交易。',
    field: 'package.count',
    expects: 'at-most',
    source: 'IsWellFormedPackage',
  },
  'package-weight': {
    words: 'The transactions of a package weigh together at most 404,000 weight units.',
    wordsZh: '交易包中所有交易的总重量不得超过 404,000 重量单位。',
    field: 'package.weightWu',
    expects: 'at-most',
    source: 'IsWellFormedPackage',
  },
  'package-distinct': {
    words: 'No transaction is in a package twice.',
    wordsZh: '交易包中不得有重复的交易。',
    field: 'tx.txid',
    source: 'IsWellFormedPackage',
  },
  'package-sorted': {
    words: 'In a package, parents stand before their children.',
    wordsZh: '在交易包中，父交易必须排在子交易之前。',
    field: 'tx.txid',
    source: 'IsTopoSortedPackage',
  },
  'package-conflict': {
    words: 'No two transactions of a package spend the same coin.',
    wordsZh: '交易包中的任何两笔交易不得花费同一枚币。',
    field: 'input.outpoint',
    source: 'IsConsistentPackage',
  },
  'package-topology': {
    words: 'All transactions of a package but the last are parents of the last.',
    wordsZh: '交易包中除最后一笔之外的所有交易，都必须是最后一笔的父交易。',
    field: 'tx.txid',
    source: 'IsChildWithParents',
  },
  'package-transactions': {
    words: 'A package is taken only when each of its transactions is.',
    wordsZh: '只有交易包中的每笔交易都被接收，交易包才会被接收。',
    source: 'MemPoolAccept::AcceptMultipleTransactionsInternal',
  },
  'package-dust': {
    words: 'The dust outputs of a package are spent within it.',
    wordsZh: '交易包中的粉尘输出必须在包内被花费。',
    source: 'MemPoolAccept::AcceptMultipleTransactionsInternal',
  },
} as const;

/** The name of a rule of policy; none is also the name of a consensus rule. */
export type PolicyRuleId = keyof typeof TABLE;

/** The words of every rule of policy by id. */
export const POLICY_RULES: Readonly<Record<PolicyRuleId, RuleText>> = TABLE;
