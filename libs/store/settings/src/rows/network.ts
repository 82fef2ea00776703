/** Where the server listens, how connections are kept, and TLS. */

import { LIMITS, choice, flag, memory, number, plain, structured, text, unsigned } from '../row';
import { INITIAL_ADDRESSES, INITIAL_OUTPUT_LIMITS, addresses, outputLimits } from '../structured';

const { INT_MAX, LONG_MAX, UINT_MAX } = LIMITS;
const IMMUTABLE = { access: 'immutable' } as const;
const REAPPLIED = { isReapplied: true } as const;

export const networkRows = [
  structured('bind', INITIAL_ADDRESSES, addresses, 'Addresses to listen on; a leading - tolerates an address that is missing'),
  text('bind-source-addr', '', 'Address that outgoing connections leave from'),
  number('port', 6379, plain(0, 65535), 'TCP port; 0 listens on none'),
  number('tcp-backlog', 511, plain(0, INT_MAX), 'Connections that may wait to be accepted', IMMUTABLE),
  text('unixsocket', '', 'Path of the Unix socket', IMMUTABLE),
  number('unixsocketperm', 0, unsigned({ ...plain(0, 0o777), unit: 'octal' }), 'Permissions of the Unix socket', IMMUTABLE),
  number('socket-mark-id', 0, unsigned(plain(0, UINT_MAX)), 'Mark set on listening sockets for packet filters', IMMUTABLE),
  flag('protected-mode', true, 'Refuse other hosts while no password and no bind address is set'),
  number('timeout', 0, plain(0, INT_MAX), 'Seconds after which an idle client is closed; 0 never'),
  number('tcp-keepalive', 300, plain(0, INT_MAX), 'Seconds between TCP keep-alive probes'),
  number('maxclients', 10000, unsigned(plain(1, UINT_MAX)), 'Clients connected at the same time'),
  number('maxmemory-clients', 0, { ...plain(-100, LONG_MAX), unit: 'memory-or-percent' }, 'Memory of all client buffers, in bytes or as a percentage of maxmemory'),
  structured('client-output-buffer-limit', INITIAL_OUTPUT_LIMITS, outputLimits, 'Per client class: hard limit, soft limit, seconds above the soft limit'),
  number('client-query-buffer-limit', 1024 ** 3, unsigned(memory(1024 ** 2, LONG_MAX)), 'Largest unread input of one client', { isDebug: true }),
  number('proto-max-bulk-len', 512 * 1024 ** 2, memory(1024 ** 2, LONG_MAX), 'Largest single argument', { isDebug: true }),
  number('tracking-table-max-keys', 1000000, unsigned(plain(0, LONG_MAX)), 'Keys remembered for client-side caching'),
  number('client-default-resp', 2, unsigned(plain(2, 3)), 'Protocol version that new connections speak', { ...IMMUTABLE, isHidden: true, since: '7.2' }),
  number('io-threads', 1, plain(1, 128), 'Accepted for compatibility; see threads', { ...IMMUTABLE, isDebug: true }),
  flag('io-threads-do-reads', false, 'Accepted for compatibility; see threads', { ...IMMUTABLE, isDebug: true }),
  number('threads', 0, plain(0, 8), 'Threads that execute commands over the one keyspace; 0 for one per processor, at most 8', { ...IMMUTABLE, isHidden: true, since: 'larder' }),
  text('handover-dir', '', 'Directory of the sockets by which a proxy on this machine hands over its clients; none without', { ...IMMUTABLE, isHidden: true, since: 'larder' }),
  number('debug-thread-pauses', 0, plain(0, 1000), 'Of 1,000 locks taken so many pause, to disturb threads', { ...IMMUTABLE, isHidden: true, since: 'larder' }),
  choice('debug-thread-fault', 'none', ['none', 'skip-lock', 'wrong-order', 'release-early'], 'A fault planted for the judges of threads', { ...IMMUTABLE, isHidden: true, since: 'larder' }),
  flag('debug-journal', false, 'Keep all of the journal for DEBUG JOURNAL', { ...IMMUTABLE, isHidden: true, since: 'larder' }),
  flag('debug-assert-shards', false, 'End the process when a command touches a shard that it does not hold', { ...IMMUTABLE, isHidden: true, since: 'larder' }),

  number('tls-port', 0, plain(0, 65535), 'TLS port; 0 listens on none'),
  flag('tls-cluster', false, 'TLS on the cluster bus'),
  flag('tls-replication', false, 'TLS towards the primary'),
  choice('tls-auth-clients', 'yes', ['no', 'yes', 'optional'], 'Whether clients must show a certificate'),
  text('tls-cert-file', '', 'Server certificate', REAPPLIED),
  text('tls-key-file', '', 'Key of the server certificate', REAPPLIED),
  text('tls-key-file-pass', '', 'Passphrase of the server key'),
  text('tls-client-cert-file', '', 'Certificate for outgoing connections', REAPPLIED),
  text('tls-client-key-file', '', 'Key of the outgoing certificate', REAPPLIED),
  text('tls-client-key-file-pass', '', 'Passphrase of the outgoing key'),
  text('tls-dh-params-file', '', 'Diffie-Hellman parameters', REAPPLIED),
  text('tls-ca-cert-file', '', 'Certificates of trusted authorities', REAPPLIED),
  text('tls-ca-cert-dir', '', 'Directory with certificates of trusted authorities', REAPPLIED),
  text('tls-protocols', '', 'Protocol versions allowed'),
  text('tls-ciphers', '', 'Ciphers allowed up to TLS 1.2'),
  text('tls-ciphersuites', '', 'Cipher suites allowed in TLS 1.3'),
  flag('tls-prefer-server-ciphers', false, "Whether the server's order of ciphers wins"),
  flag('tls-session-caching', true, 'Keep TLS sessions for quick reconnects'),
  number('tls-session-cache-size', 20480, plain(0, INT_MAX), 'TLS sessions kept'),
  number('tls-session-cache-timeout', 300, plain(0, INT_MAX), 'Seconds a TLS session is kept'),
] as const;
