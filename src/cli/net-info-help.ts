// What `tally -netinfo help` prints: what the columns of the listing mean. The columns are bitcoin-cli's.

/** Levels above count as this one (Core NETINFO_MAX_LEVEL). */
export const NET_INFO_LEVEL_MAX = 4;

/** The text. */
export const NET_INFO_HELP: string = `-netinfo (level [outonly]) | help

Tells about the connections of the node, for people: the layout may change.
It is made of what getpeerinfo and getnetworkinfo answer.

Parameters:
1. level (0 to ${NET_INFO_LEVEL_MAX}, default 0; up to 255, where more counts as ${NET_INFO_LEVEL_MAX})
     0 - how many peers there are by network, block relay peers and manual
         ones, and the addresses at which the node can be reached
     1 - a line for every peer before that
     2 - the same with addresses
     3 - the same with versions, without addresses
     4 - the same with both
2. outonly (or o): lines for outbound peers only; needs a level above 0

help (or h): this text

Lines of peers stand in the order of their direction and fastest ping.

  Column   Meaning
  ------   -------
  <->      in: the peer has connected to us; out: we have connected to it
  type     kind of an outbound connection
           full   - blocks, transactions and addresses
           block  - blocks only
           manual - asked for by addnode, -addnode or -connect
           feeler - short, to see whether an address works
           addr   - short, to ask for addresses
           priv   - short, to hand in a transaction unseen
  net      network: ipv4, ipv6, onion, i2p, cjdns, or npr (not reachable from
           outside)
  serv     services of the peer
           n - NETWORK: has all blocks
           b - BLOOM: filters connections (BIP111)
           w - WITNESS: has blocks and transactions with witnesses
           c - COMPACT_FILTERS: serves filters of blocks (BIP157, BIP158)
           l - NETWORK_LIMITED: has the last 288 blocks
           2 - P2P_V2: speaks encrypted (BIP324)
           u - UNKNOWN: a service that we do not know
  v        version of the transport
  mping    fastest ping, in milliseconds
  ping     last ping, in milliseconds
  send     since the last message to the peer, in seconds
  recv     since the last message from the peer, in seconds
  txn      since the last transaction from it that was new to us, in minutes;
           * - no transactions are exchanged
  blk      since the last block from it that was new to us, in minutes
  hb       compact blocks without asking (BIP152)
           . - it sends them to us
           * - we send them to it
  addrp    addresses that were taken from it; . - none are exchanged
  addrl    addresses that were dropped because they were too many
  age      since the connection was made, in minutes
  asmap    autonomous system of the peer (with -asmap only)
  id       number of the peer, counted since the start of the node
  address  address and port
  version  version and name of its program

Examples:

  tally -netinfo
  tally -netinfo 1
  tally -netinfo 4 outonly
  watch --interval 1 --no-title tally -netinfo 4`;
