// Blocks that come in, what became of them, and the requests that bring them (Core net_processing.cpp: block, ProcessBlock,
// BlockChecked, and what SendMessages does about downloads). Which blocks are wanted is block-download.ts's business.
//
// The first thing that is asked of a block is whether its bytes are those that its header stands for: a mutated one must touch
// nothing, since the genuine block may just be coming from somebody else (W10, CVE-2024-52921).

import type { BlockAcceptance } from '../../../kernel/chain/block-acceptance.ts';
import { type BlockEntry, NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { checkMerkleRoot, isBlockMutated } from '../../../kernel/consensus/block-check.ts';
import { isActiveAt } from '../../../kernel/consensus/deployments.ts';
import { type BlockReject, formatReject } from '../../../kernel/consensus/reject.ts';
import { checkWitnessCommitment } from '../../../kernel/consensus/witness-commitment.ts';
import type { Block } from '../../../kernel/primitives/block.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import type { BlockMessage } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import { MSG_BLOCK, MSG_WITNESS_BLOCK, NODE_WITNESS } from '../../wire/protocol.ts';
import { BLOCKS_IN_FLIGHT_PER_PEER } from '../block-download.ts';
import type { P2pContext } from '../context.ts';
import { formatHeaderReject } from '../header-reject.ts';
import { findBlockOffence } from '../misbehavior.ts';
import { asHealthChain } from '../outbound-health.ts';
import type { Peer } from '../peer.ts';
import type { PeerId } from '../peer-id.ts';
import { preferGiver } from './compact.ts';
import { askForHeaders } from './headers.ts';
import { isPrivate } from './private-broadcast.ts';

/** A peer that has just delivered is asked for more when no more than this is in flight from it: half as many messages. */
const REFILL_AT: number = BLOCKS_IN_FLIGHT_PER_PEER / 2;

// --- a block comes in -----------------------------------------------------------------------------------------------------

/** `block` */
export function onBlock(context: P2pContext, peer: Peer, { block }: BlockMessage): void {
  const { chain, download, headersSync } = context;
  const { header } = block;
  const { blockHash } = header;
  context.debug('net', () => `received block ${formatHash(blockHash)} peer=${peer.id}`);
  const entry = chain.index.find(blockHash);
  const parent = chain.index.find(header.previousBlockHash);
  if (parent !== NO_ENTRY && isMutated(context, block, parent)) {
    context.debug('net', `Received mutated block from peer=${peer.id}`);
    context.misbehaving(peer, 'mutated-block');
    download.cancel(peer.id, entry, context.nowMs);
    return;
  }
  // A copy of one that is being stored: of blocks that are not mutated there is but one form.
  if (download.isArriving(entry)) {
    download.cancel(peer.id, entry, context.nowMs);
    return;
  }
  // What was asked for is stored even when it is no candidate for the tip yet. Others stay asked until it is stored.
  const isRequested = download.isInFlight(entry);
  const hasEnoughWork = parent !== NO_ENTRY && headersSync.workWith(parent, header) >= headersSync.workThreshold;
  download.cancel(peer.id, entry, context.nowMs);
  download.handedOver(blockHash, { peer: peer.id, isCompact: false });
  context.submitBlock(peer, block, { isRequested, hasEnoughWork });
  if (download.inFlightOf(peer.id).length <= REFILL_AT) requestBlocks(context, peer);
}

function isMutated(context: P2pContext, block: Block, parent: BlockEntry): boolean {
  const { chain, params } = context;
  const isSegwit = isActiveAt(params.consensus, 'segwit', chain.index.height(parent) + 1);
  if (!isBlockMutated(block, isSegwit)) return false;
  const reject = checkMerkleRoot(block) ?? checkWitnessCommitment(block, isSegwit);
  if (reject !== null) context.debug('validation', `Block mutated: ${formatReject(reject)}`);
  return true;
}

// --- what became of it ----------------------------------------------------------------------------------------------------

/**
 * A block that was submitted for a peer was stored, or will not be. To be called once for each, after the verdict if there was one.
 */
export function onBlockAccepted(context: P2pContext, from: PeerId, block: Block, acceptance: BlockAcceptance): void {
  const { download, peers } = context;
  const { blockHash } = block.header;
  const isNew = acceptance.outcome === 'stored';
  download.answered(blockHash, from, isNew, context.nowMs);
  const peer = peers.get(from);
  if (isNew && peer !== undefined) peer.lastBlockSec = context.nowSec;
  if (acceptance.outcome !== 'rejected') return;
  const { reject } = acceptance;
  const line = formatHeaderReject(block.header, reject);
  if (line !== null) context.debug('validation', line);
  context.debug('validation', `ProcessNewBlock: AcceptBlock FAILED (${formatReject(reject)})`);
}

/** A verdict on a block, before or after it was stored; null: it is part of the active chain now. */
export function onBlockChecked(context: P2pContext, block: Block, reject: BlockReject | null): void {
  const { download, peers } = context;
  const { blockHash } = block.header;
  const giver = download.takeGiver(blockHash);
  if (reject === null) {
    const timeoutSec = download.blockConnected();
    if (timeoutSec !== null) context.debug('net', `Decreased stalling timeout to ${timeoutSec} seconds`);
    if (giver !== null) preferGiver(context, blockHash, giver.peer);
    return;
  }
  const peer = giver === null ? undefined : peers.get(giver.peer);
  if (giver === null || peer === undefined) return;
  const source = giver.isCompact ? 'compact-block' : 'block';
  const offence = findBlockOffence(reject.kind, source, peer.kind === 'inbound');
  if (offence !== null) context.misbehaving(peer, offence);
}

// --- asking for blocks ----------------------------------------------------------------------------------------------------

/**
 * The regular work on the download from a peer, after everything else (the end of Core SendMessages): drops it if it does not
 * deliver, else asks it for blocks.
 */
export function tickDownload(context: P2pContext, peer: Peer): void {
  checkDelivery(context, peer);
  if (!peer.isDisconnecting) checkHeadersTimeout(context, peer);
  if (!peer.isDisconnecting) considerChain(context, peer);
  if (!peer.isDisconnecting) requestBlocks(context, peer);
}

function checkDelivery(context: P2pContext, peer: Peer): void {
  const { download, chain } = context;
  const fault = download.findFault(peer.id, context.nowMs);
  if (fault === null) return;
  if (fault.offence === 'block-download-timeout') {
    context.misbehaving(peer, fault.offence, formatHash(chain.index.blockHash(fault.entry)));
    return;
  }
  context.misbehaving(peer, fault.offence);
  if (fault.timeoutSec === null) return;
  context.debug('net', `Increased stalling timeout temporarily to ${fault.timeoutSec} seconds`);
}

function checkHeadersTimeout(context: P2pContext, peer: Peer): void {
  if (context.headersSync.hasTimedOut(peer.id, context)) context.misbehaving(peer, 'headers-download-timeout');
}

/** Whether the chain of an outbound peer keeps up with ours (outbound-health.ts; E10). */
function considerChain(context: P2pContext, peer: Peer): void {
  const { chain, download, headersSync, health } = context;
  if (!headersSync.isStarted(peer.id)) return;
  const bestKnown = download.bestKnown(peer.id);
  const verdict = health.considerPeer(peer, bestKnown, asHealthChain(chain), context.nowMs);
  if (verdict === null) return;
  const { index } = chain;
  const best = bestKnown === NO_ENTRY ? '<none>' : formatHash(index.blockHash(bestKnown));
  if (verdict.type === 'disconnect') {
    context.misbehaving(peer, verdict.offence, best);
    return;
  }
  const parent = index.parent(verdict.from);
  askForHeaders(context, peer, parent === NO_ENTRY ? verdict.from : parent);
  const benchmark = formatHash(index.blockHash(verdict.from));
  context.debug(
    'net',
    `sending getheaders to outbound peer=${peer.id} to verify chain work (current best known block:${best}, ` +
      `benchmark blockhash: ${benchmark})`,
  );
}

/** Asks the peer for one block, whoever else was asked before (Core FetchBlock); null, or Core's words why not. */
export function fetchBlock(context: P2pContext, peer: Peer, entry: BlockEntry): string | null {
  const { download, chain } = context;
  const { index } = chain;
  if ((peer.services & NODE_WITNESS) === 0n) return 'Pre-SegWit peer';
  if (isPrivate(peer)) return 'Peer is connected for a private broadcast';
  download.blockArrived(entry, context.nowMs);
  if (!download.request(peer.id, entry, context.nowMs)) return 'Peer not fully connected';
  const hash = index.blockHash(entry);
  context.send(peer, { type: 'getdata', items: InventoryList.of([{ type: MSG_WITNESS_BLOCK, hash }]) });
  context.debug('net', () => `Requesting block ${formatHash(hash)} from peer=${peer.id}`);
  return null;
}

/** Asks the peer for as many blocks as it may have in flight. */
export function requestBlocks(context: P2pContext, peer: Peer): void {
  const { download, chain } = context;
  const { index } = chain;
  const { entries, newStaller } = download.nextRequests(peer.id, context.nowMs);
  if (newStaller !== null) context.debug('net', `Stall started peer=${newStaller}`);
  if (entries.length === 0) return;
  const type = download.role(peer.id)?.blockType ?? MSG_BLOCK;
  const items = entries.map((entry) => ({ type, hash: index.blockHash(entry) }));
  context.send(peer, { type: 'getdata', items: InventoryList.of(items) });
  for (const entry of entries) {
    context.debug('net', () => {
      const hash = formatHash(index.blockHash(entry));
      return `Requesting block ${hash} (${index.height(entry)}) peer=${peer.id}`;
    });
  }
}
