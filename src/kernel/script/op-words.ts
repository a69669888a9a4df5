// What every operation of a script does, in words: one sentence in English and in simplified Chinese, for debuggers. What it really
// does is in the ops-*.ts files.

import { isDisabledOpcode, OP, type OpName } from './opcodes.ts';

/** A sentence in the two languages. */
export interface OpWords {
  readonly words: string;
  readonly wordsZh: string;
}

const PUSH: OpWords = { words: 'Puts these bytes on the stack.', wordsZh: '将这些字节压入栈。' };
const NUMBER: OpWords = { words: 'Puts this number on the stack.', wordsZh: '将该数字压入栈。' };
const DISABLED: OpWords = {
  words: 'Switched off in 2010: fails the script even where it is not executed.',
  wordsZh: '已于 2010 年停用：即使未被执行也令脚本失败。',
};
const UNKNOWN: OpWords = {
  words: 'No such operation: fails the script where it is executed.',
  wordsZh: '不存在的操作：一旦执行即令脚本失败。',
};
/** An operation that stands in a branch that is not taken. */
export const PASSED_OVER: OpWords = {
  words: 'Passed over: the branch is not taken.',
  wordsZh: '跳过：该分支未被执行。',
};
/** The end of a script. */
export const SCRIPT_END: OpWords = {
  words: 'The script has run to its end: the stack is judged, and the next script follows if there is one.',
  wordsZh: '脚本已执行完毕：检查栈的内容，如有下一段脚本则继续。',
};

const TABLE: Readonly<Partial<Record<OpName, readonly [words: string, wordsZh: string]>>> = {
  OP_0: ['Puts an empty value on the stack, which is zero and false.', '将空值压入栈，即零与假。'],
  OP_1NEGATE: ['Puts the number -1 on the stack.', '将数字 -1 压入栈。'],
  OP_RESERVED: ['Fails the script where it is executed.', '一旦执行即令脚本失败。'],
  OP_NOP: ['Does nothing.', '不执行任何操作。'],
  OP_VER: ['Fails the script where it is executed.', '一旦执行即令脚本失败。'],
  OP_IF: [
    'Takes a value; the operations that follow run only if it is true.',
    '取出一个值；仅当其为真时才执行随后的操作。',
  ],
  OP_NOTIF: [
    'Takes a value; the operations that follow run only if it is false.',
    '取出一个值；仅当其为假时才执行随后的操作。',
  ],
  OP_VERIF: ['Fails the script even where it is not executed.', '即使未被执行也令脚本失败。'],
  OP_VERNOTIF: ['Fails the script even where it is not executed.', '即使未被执行也令脚本失败。'],
  OP_ELSE: [
    'Turns the condition around: what was passed over runs, and the other way round.',
    '反转条件：原先跳过的部分改为执行，反之亦然。',
  ],
  OP_ENDIF: ['Ends a condition.', '结束一个条件分支。'],
  OP_VERIFY: ['Takes a value and fails the script unless it is true.', '取出一个值，若不为真则脚本失败。'],
  OP_RETURN: ['Fails the script: the output can never be spent.', '令脚本失败：该输出永远无法花费。'],
  OP_TOALTSTACK: ['Moves the top value to the alternative stack.', '将栈顶值移到备用栈。'],
  OP_FROMALTSTACK: ['Moves the top value of the alternative stack back.', '将备用栈的栈顶值移回。'],
  OP_2DROP: ['Drops the two top values.', '丢弃栈顶的两个值。'],
  OP_2DUP: ['Copies the two top values.', '复制栈顶的两个值。'],
  OP_3DUP: ['Copies the three top values.', '复制栈顶的三个值。'],
  OP_2OVER: ['Copies the third and the fourth value to the top.', '将第三、第四个值复制到栈顶。'],
  OP_2ROT: ['Moves the fifth and the sixth value to the top.', '将第五、第六个值移到栈顶。'],
  OP_2SWAP: ['Swaps the two top pairs.', '交换栈顶的两对值。'],
  OP_IFDUP: ['Copies the top value if it is true.', '若栈顶值为真则复制它。'],
  OP_DEPTH: ['Puts the number of values on the stack on it.', '将栈中数据的个数压入栈。'],
  OP_DROP: ['Drops the top value.', '丢弃栈顶值。'],
  OP_DUP: ['Copies the top value.', '复制栈顶值。'],
  OP_NIP: ['Drops the second value.', '丢弃第二个值。'],
  OP_OVER: ['Copies the second value to the top.', '将第二个值复制到栈顶。'],
  OP_PICK: ['Takes a number n and copies the value n below the top.', '取出数字 n，并复制栈顶之下第 n 个值。'],
  OP_ROLL: ['Takes a number n and moves the value n below to the top.', '取出数字 n，并将栈顶之下第 n 个值移到栈顶。'],
  OP_ROT: ['Moves the third value to the top.', '将第三个值移到栈顶。'],
  OP_SWAP: ['Swaps the two top values.', '交换栈顶的两个值。'],
  OP_TUCK: ['Copies the top value below the second.', '将栈顶值复制到第二个值之下。'],
  OP_SIZE: ['Puts the length of the top value on the stack.', '将栈顶值的长度压入栈。'],
  OP_EQUAL: ['Takes two values; true if they are the same.', '取出两个值；二者相同则得真。'],
  OP_EQUALVERIFY: [
    'Takes two values and fails the script unless they are the same.',
    '取出两个值，若不相同则脚本失败。',
  ],
  OP_RESERVED1: ['Fails the script where it is executed.', '一旦执行即令脚本失败。'],
  OP_RESERVED2: ['Fails the script where it is executed.', '一旦执行即令脚本失败。'],
  OP_1ADD: ['Adds one to the number on top.', '将栈顶数字加一。'],
  OP_1SUB: ['Subtracts one from the number on top.', '将栈顶数字减一。'],
  OP_NEGATE: ['Changes the sign of the number on top.', '改变栈顶数字的正负号。'],
  OP_ABS: ['Makes the number on top positive.', '取栈顶数字的绝对值。'],
  OP_NOT: ['True if the number on top is zero, otherwise false.', '栈顶数字为零则得真，否则得假。'],
  OP_0NOTEQUAL: ['True if the number on top is not zero.', '栈顶数字不为零则得真。'],
  OP_ADD: ['Adds two numbers.', '将两个数字相加。'],
  OP_SUB: ['Subtracts the top number from the one below.', '用下面的数字减去栈顶数字。'],
  OP_BOOLAND: ['True if both numbers are not zero.', '两个数字都不为零则得真。'],
  OP_BOOLOR: ['True if one of two numbers is not zero.', '两个数字中有一个不为零则得真。'],
  OP_NUMEQUAL: ['True if two numbers are equal.', '两个数字相等则得真。'],
  OP_NUMEQUALVERIFY: [
    'Takes two numbers and fails the script unless they are equal.',
    '取出两个数字，若不相等则脚本失败。',
  ],
  OP_NUMNOTEQUAL: ['True if two numbers differ.', '两个数字不等则得真。'],
  OP_LESSTHAN: ['True if the lower number is less than the one on top.', '若下面的数字小于栈顶数字则得真。'],
  OP_GREATERTHAN: ['True if the lower number is greater than the one on top.', '若下面的数字大于栈顶数字则得真。'],
  OP_LESSTHANOREQUAL: ['True if the lower number is at most the one on top.', '若下面的数字不大于栈顶数字则得真。'],
  OP_GREATERTHANOREQUAL: ['True if the lower number is at least the one on top.', '若下面的数字不小于栈顶数字则得真。'],
  OP_MIN: ['Leaves the smaller of two numbers.', '留下两个数字中较小的一个。'],
  OP_MAX: ['Leaves the greater of two numbers.', '留下两个数字中较大的一个。'],
  OP_WITHIN: ['True if a number is at least a second and less than a third.', '若数字不小于第二个且小于第三个则得真。'],
  OP_RIPEMD160: ['Replaces the top value by its RIPEMD-160 hash.', '以栈顶值的 RIPEMD-160 哈希替换它。'],
  OP_SHA1: ['Replaces the top value by its SHA-1 hash.', '以栈顶值的 SHA-1 哈希替换它。'],
  OP_SHA256: ['Replaces the top value by its SHA-256 hash.', '以栈顶值的 SHA-256 哈希替换它。'],
  OP_HASH160: [
    'Replaces the top value by the RIPEMD-160 of its SHA-256 hash.',
    '以栈顶值先 SHA-256 再 RIPEMD-160 的哈希替换它。',
  ],
  OP_HASH256: ['Replaces the top value by the SHA-256 of its SHA-256 hash.', '以栈顶值两次 SHA-256 的哈希替换它。'],
  OP_CODESEPARATOR: [
    'Signatures checked from here on commit only to what follows.',
    '此后检查的签名只承诺其后的脚本部分。',
  ],
  OP_CHECKSIG: [
    'Takes a key and a signature; true if the signature is valid for this transaction.',
    '取出公钥和签名；若签名对本交易有效则得真。',
  ],
  OP_CHECKSIGVERIFY: [
    'Takes a key and a signature and fails the script unless the signature is valid.',
    '取出公钥和签名，若签名无效则脚本失败。',
  ],
  OP_CHECKMULTISIG: [
    'Takes keys and signatures; true if every signature is valid for one of the keys, in their order.',
    '取出若干公钥和签名；若每个签名依次对某个公钥有效则得真。',
  ],
  OP_CHECKMULTISIGVERIFY: [
    'Takes keys and signatures and fails the script unless every signature is valid.',
    '取出若干公钥和签名，若有签名无效则脚本失败。',
  ],
  OP_NOP1: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_CHECKLOCKTIMEVERIFY: [
    'Fails the script unless the transaction is locked until the height or time on top.',
    '除非交易锁定到栈顶所示高度或时间，否则脚本失败。',
  ],
  OP_CHECKSEQUENCEVERIFY: [
    'Fails the script unless the coin is as old as the number on top demands.',
    '除非该币的年龄达到栈顶数字的要求，否则脚本失败。',
  ],
  OP_NOP4: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP5: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP6: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP7: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP8: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP9: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_NOP10: ['Does nothing; kept for rules to come.', '不执行任何操作；为未来规则预留。'],
  OP_CHECKSIGADD: [
    'Takes a key, a number and a signature; adds one to the number if the signature is valid.',
    '取出公钥、数字和签名；若签名有效则将数字加一。',
  ],
};

const BY_OPCODE: ReadonlyMap<number, OpWords> = new Map(
  Object.entries(TABLE).map(([name, [words, wordsZh]]) => [OP[name as OpName], { words, wordsZh }]),
);

/** What an operation does where it is executed. */
export function describeOp(opcode: number): OpWords {
  if (opcode >= 1 && opcode <= OP.OP_PUSHDATA4) return PUSH;
  if (opcode >= OP.OP_1 && opcode <= OP.OP_16) return NUMBER;
  return BY_OPCODE.get(opcode) ?? (isDisabledOpcode(opcode) ? DISABLED : UNKNOWN);
}
