// What each failure of a script means, in words: one sentence in English and in simplified Chinese, the BIP and the Core
// function behind it. The short message of Core itself is in script/script-error.ts; this table is for people.

import type { ScriptError } from '../script/script-error.ts';
import type { RuleText } from './rules.ts';

/** The words of the rule behind every script error. */
export const SCRIPT_RULES: Readonly<Record<ScriptError, RuleText>> = {
  UNKNOWN_ERROR: {
    words: 'A script is run only on data that is complete.',
    wordsZh: '只有在数据完整的情况下才能执行脚本。',
    source: 'VerifyScript',
  },
  EVAL_FALSE: {
    words: 'A script accepts a spend by leaving a true value on top of the stack.',
    wordsZh: '脚本认可一笔花费的方式，是在栈顶留下真值。',
    source: 'VerifyScript',
  },
  OP_RETURN: {
    words: 'A script that runs into OP_RETURN refuses every spend.',
    wordsZh: '执行到 OP_RETURN 的脚本拒绝一切花费。',
    source: 'EvalScript',
  },
  SCRIPTNUM: {
    words: 'Numbers in a script are at most four bytes long, and written as short as possible where that is required.',
    wordsZh: '脚本中的数字最长四字节，并在有此要求时使用最短写法。',
    source: 'CScriptNum',
  },
  SCRIPT_SIZE: {
    words: 'A script is at most 10,000 bytes long.',
    wordsZh: '脚本长度不得超过 10,000 字节。',
    expects: 'at-most',
    source: 'EvalScript',
  },
  PUSH_SIZE: {
    words: 'A value on the stack is at most 520 bytes long.',
    wordsZh: '栈中单个数据不得超过 520 字节。',
    expects: 'at-most',
    source: 'EvalScript',
  },
  OP_COUNT: {
    words: 'A script executes at most 201 operations that are no pushes.',
    wordsZh: '脚本最多执行 201 次非压栈操作。',
    expects: 'at-most',
    source: 'EvalScript',
  },
  STACK_SIZE: {
    words: 'The stacks of a script hold at most 1,000 values together.',
    wordsZh: '脚本的各个栈合计最多存放 1,000 个数据。',
    expects: 'at-most',
    source: 'EvalScript',
  },
  SIG_COUNT: {
    words: 'OP_CHECKMULTISIG asks for between zero and as many signatures as there are public keys.',
    wordsZh: 'OP_CHECKMULTISIG 要求的签名数量须介于零与公钥数量之间。',
    source: 'EvalScript',
  },
  PUBKEY_COUNT: {
    words: 'OP_CHECKMULTISIG takes between zero and twenty public keys.',
    wordsZh: 'OP_CHECKMULTISIG 接受零至二十个公钥。',
    source: 'EvalScript',
  },
  VERIFY: {
    words: 'OP_VERIFY goes on only with a true value.',
    wordsZh: 'OP_VERIFY 只有遇到真值才会继续执行。',
    source: 'EvalScript',
  },
  EQUALVERIFY: {
    words: 'OP_EQUALVERIFY goes on only when both values are equal.',
    wordsZh: 'OP_EQUALVERIFY 只有在两个值相等时才会继续执行。',
    source: 'EvalScript',
  },
  CHECKMULTISIGVERIFY: {
    words: 'OP_CHECKMULTISIGVERIFY goes on only when all required signatures are valid.',
    wordsZh: 'OP_CHECKMULTISIGVERIFY 只有在所有必需的签名均有效时才会继续执行。',
    source: 'EvalScript',
  },
  CHECKSIGVERIFY: {
    words: 'OP_CHECKSIGVERIFY goes on only when the signature is valid.',
    wordsZh: 'OP_CHECKSIGVERIFY 只有在签名有效时才会继续执行。',
    source: 'EvalScript',
  },
  NUMEQUALVERIFY: {
    words: 'OP_NUMEQUALVERIFY goes on only when both numbers are equal.',
    wordsZh: 'OP_NUMEQUALVERIFY 只有在两个数字相等时才会继续执行。',
    source: 'EvalScript',
  },
  BAD_OPCODE: {
    words: 'A script executes only operations that exist, and none of its pushes runs past its end.',
    wordsZh: '脚本只能执行存在的操作，且任何压栈数据都不得超出脚本末尾。',
    source: 'EvalScript',
  },
  DISABLED_OPCODE: {
    words: 'Operations that were switched off in 2010 may not appear in a script, not even where they would not run.',
    wordsZh: '2010 年停用的操作不得出现在脚本中，即使不会被执行也不行。',
    source: 'EvalScript',
  },
  INVALID_STACK_OPERATION: {
    words: 'An operation needs as many values on the stack as it takes.',
    wordsZh: '操作所需的数据必须已在栈中。',
    source: 'EvalScript',
  },
  INVALID_ALTSTACK_OPERATION: {
    words: 'A value can be taken back from the alternative stack only if one lies there.',
    wordsZh: '只有备用栈中有数据时才能从中取回数据。',
    source: 'EvalScript',
  },
  UNBALANCED_CONDITIONAL: {
    words: 'Every OP_IF has a condition and its OP_ENDIF within the same script.',
    wordsZh: '每个 OP_IF 都必须有条件值，并在同一脚本中有对应的 OP_ENDIF。',
    source: 'EvalScript',
  },
  NEGATIVE_LOCKTIME: {
    words: 'A locktime in a script is not negative.',
    wordsZh: '脚本中的锁定时间不得为负。',
    bip: 65,
    source: 'EvalScript',
  },
  UNSATISFIED_LOCKTIME: {
    words: 'The transaction is locked at least as long as the script demands.',
    wordsZh: '交易的锁定时间不得短于脚本的要求。',
    bip: 65,
    source: 'CheckLockTime',
  },
  SIG_HASHTYPE: {
    words: 'A signature ends with a known signature hash type.',
    wordsZh: '签名必须以已知的签名哈希类型结尾。',
    source: 'CheckSignatureEncoding',
  },
  SIG_DER: {
    words: 'A signature is encoded in strict DER form.',
    wordsZh: '签名必须采用严格的 DER 编码。',
    bip: 66,
    source: 'CheckSignatureEncoding',
  },
  MINIMALDATA: {
    words: 'Every push uses the shortest form there is.',
    wordsZh: '每次压栈都必须使用最短的形式。',
    bip: 62,
    source: 'CheckMinimalPush',
  },
  SIG_PUSHONLY: {
    words: 'The script of an input contains only pushes where a script hash is spent.',
    wordsZh: '花费脚本哈希时，输入的脚本只能包含压栈操作。',
    bip: 16,
    source: 'VerifyScript',
  },
  SIG_HIGH_S: {
    words: 'The second number of a signature lies in the lower half of its range.',
    wordsZh: '签名的第二个数必须位于取值范围的下半部分。',
    bip: 62,
    source: 'CheckSignatureEncoding',
  },
  SIG_NULLDUMMY: {
    words: 'The extra value that OP_CHECKMULTISIG takes from the stack is empty.',
    wordsZh: 'OP_CHECKMULTISIG 从栈中多取的那个值必须为空。',
    bip: 147,
    source: 'EvalScript',
  },
  PUBKEYTYPE: {
    words: 'A public key is written in compressed or uncompressed form.',
    wordsZh: '公钥必须采用压缩或非压缩形式。',
    source: 'CheckPubKeyEncoding',
  },
  CLEANSTACK: {
    words: 'A script ends with exactly one value on the stack.',
    wordsZh: '脚本结束时栈中必须恰好只剩一个数据。',
    bip: 62,
    source: 'VerifyScript',
  },
  MINIMALIF: {
    words: 'The condition of OP_IF in a witness script is empty or exactly one.',
    wordsZh: '见证脚本中 OP_IF 的条件值必须为空或恰好为一。',
    source: 'EvalScript',
  },
  SIG_NULLFAIL: {
    words: 'A signature that is not valid is left empty.',
    wordsZh: '无效的签名必须留空。',
    bip: 146,
    source: 'EvalScript',
  },
  DISCOURAGE_UPGRADABLE_NOPS: {
    words: 'Operations reserved for future rules are not used yet.',
    wordsZh: '为未来规则预留的操作尚不可使用。',
    source: 'EvalScript',
  },
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: {
    words: 'Witness versions reserved for future rules are not used yet.',
    wordsZh: '为未来规则预留的见证版本尚不可使用。',
    bip: 141,
    source: 'VerifyWitnessProgram',
  },
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: {
    words: 'Taproot leaf versions reserved for future rules are not used yet.',
    wordsZh: '为未来规则预留的 Taproot 叶子版本尚不可使用。',
    bip: 341,
    source: 'VerifyWitnessProgram',
  },
  DISCOURAGE_OP_SUCCESS: {
    words: 'The operations OP_SUCCESS, reserved for future rules, are not used yet.',
    wordsZh: '为未来规则预留的 OP_SUCCESS 操作尚不可使用。',
    bip: 342,
    source: 'ExecuteWitnessScript',
  },
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: {
    words: 'Kinds of public keys reserved for future rules are not used yet.',
    wordsZh: '为未来规则预留的公钥类型尚不可使用。',
    bip: 342,
    source: 'EvalChecksigTapscript',
  },
  WITNESS_PROGRAM_WRONG_LENGTH: {
    words: 'A witness program of version 0 is 20 or 32 bytes long.',
    wordsZh: '版本 0 的见证程序长度为 20 或 32 字节。',
    bip: 141,
    source: 'VerifyWitnessProgram',
  },
  WITNESS_PROGRAM_WITNESS_EMPTY: {
    words: 'A spend of a witness program brings a witness.',
    wordsZh: '花费见证程序必须附带见证数据。',
    bip: 141,
    source: 'VerifyWitnessProgram',
  },
  WITNESS_PROGRAM_MISMATCH: {
    words: 'The witness shows the script or the key that the witness program is the hash of.',
    wordsZh: '见证数据所出示的脚本或公钥，其哈希必须与见证程序一致。',
    bip: 141,
    source: 'VerifyWitnessProgram',
  },
  WITNESS_MALLEATED: {
    words: 'The script of an input that spends a witness program is empty.',
    wordsZh: '花费见证程序的输入，其脚本必须为空。',
    bip: 141,
    source: 'VerifyScript',
  },
  WITNESS_MALLEATED_P2SH: {
    words: 'The script of an input that spends a nested witness program is one push of that program and nothing else.',
    wordsZh: '花费嵌套见证程序的输入，其脚本只能是对该程序的一次压栈。',
    bip: 141,
    source: 'VerifyScript',
  },
  WITNESS_UNEXPECTED: {
    words: 'Only inputs that spend a witness program carry a witness.',
    wordsZh: '只有花费见证程序的输入才可携带见证数据。',
    bip: 141,
    source: 'VerifyScript',
  },
  WITNESS_PUBKEYTYPE: {
    words: 'Public keys in witness scripts are compressed.',
    wordsZh: '见证脚本中的公钥必须为压缩形式。',
    bip: 143,
    source: 'CheckPubKeyEncoding',
  },
  SCHNORR_SIG_SIZE: {
    words: 'A Schnorr signature is 64 bytes long, or 65 with its hash type.',
    wordsZh: 'Schnorr 签名长度为 64 字节，带哈希类型时为 65 字节。',
    bip: 341,
    source: 'CheckSchnorrSignature',
  },
  SCHNORR_SIG_HASHTYPE: {
    words: 'The hash type of a Schnorr signature is one of those that exist, and fits the transaction.',
    wordsZh: 'Schnorr 签名的哈希类型必须是已定义的类型，并与交易相符。',
    bip: 341,
    source: 'CheckSchnorrSignature',
  },
  SCHNORR_SIG: {
    words: 'A Schnorr signature is valid for the key and the transaction.',
    wordsZh: 'Schnorr 签名必须对该公钥和交易有效。',
    bip: 340,
    source: 'CheckSchnorrSignature',
  },
  TAPROOT_WRONG_CONTROL_SIZE: {
    words: 'A taproot control block is 33 bytes long plus 32 for each of at most 128 steps.',
    wordsZh: 'Taproot 控制块长度为 33 字节，另加每步 32 字节，最多 128 步。',
    bip: 341,
    source: 'VerifyWitnessProgram',
  },
  TAPSCRIPT_VALIDATION_WEIGHT: {
    words: 'A tapscript checks at most one signature for every 50 units of witness weight, plus one.',
    wordsZh: 'Tapscript 每 50 单位见证重量最多验证一个签名，另可多验证一个。',
    bip: 342,
    source: 'EvalChecksigTapscript',
  },
  TAPSCRIPT_CHECKMULTISIG: {
    words: 'OP_CHECKMULTISIG does not exist in tapscript.',
    wordsZh: 'Tapscript 中不存在 OP_CHECKMULTISIG。',
    bip: 342,
    source: 'EvalScript',
  },
  TAPSCRIPT_MINIMALIF: {
    words: 'The condition of OP_IF in tapscript is empty or exactly one.',
    wordsZh: 'Tapscript 中 OP_IF 的条件值必须为空或恰好为一。',
    bip: 342,
    source: 'EvalScript',
  },
  TAPSCRIPT_EMPTY_PUBKEY: {
    words: 'A public key in tapscript is not empty.',
    wordsZh: 'Tapscript 中的公钥不得为空。',
    bip: 342,
    source: 'EvalChecksigTapscript',
  },
  OP_CODESEPARATOR: {
    words: 'OP_CODESEPARATOR is used only in witness scripts.',
    wordsZh: 'OP_CODESEPARATOR 只能用于见证脚本。',
    source: 'EvalScript',
  },
  SIG_FINDANDDELETE: {
    words: 'A signature does not appear in the script that it signs.',
    wordsZh: '签名不得出现在其所签署的脚本中。',
    source: 'EvalChecksigPreTapscript',
  },
};
