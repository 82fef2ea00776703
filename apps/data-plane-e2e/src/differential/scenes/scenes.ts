/**
 * Scenes: commands in an order that matters, or that random arguments would hardly hit, each scene on a connection of its own.
 * Words are split at spaces; `\ ` is a space within a word.
 */
export const scenes: Readonly<Record<string, readonly string[]>> = {
  'client: listing and killing': [
    'CLIENT', 'CLIENT x', 'CLIENT LIST x', 'CLIENT LIST TYPE x', 'CLIENT LIST TYPE normal x', 'CLIENT LIST ID', 'CLIENT LIST ID x', 'CLIENT LIST ID 9999 8888',
    'CLIENT KILL', 'CLIENT KILL x y z', 'CLIENT KILL ID 0', 'CLIENT KILL ID x', 'CLIENT KILL ID 99999 SKIPME x', 'CLIENT KILL TYPE x', 'CLIENT KILL TYPE master',
    'CLIENT KILL USER nobody', 'CLIENT KILL ADDR', 'CLIENT KILL LADDR 1.1.1.1:1',
  ],
  'client: replies': [
    'CLIENT REPLY', 'CLIENT REPLY x', 'CLIENT REPLY ON', 'CLIENT REPLY ON x',
  ],
  'client: unblocking': [
    'CLIENT UNBLOCK', 'CLIENT UNBLOCK x', 'CLIENT UNBLOCK 99999', 'CLIENT UNBLOCK 99999 x', 'CLIENT UNBLOCK 999999 ERROR', 'CLIENT UNBLOCK 1 ERROR x',
  ],
  'client: pausing': [
    'CLIENT PAUSE', 'CLIENT PAUSE x', 'CLIENT PAUSE -1', 'CLIENT PAUSE 0', 'CLIENT PAUSE 0 x', 'CLIENT PAUSE 0 WRITE', 'CLIENT PAUSE 1 ALL', 'CLIENT UNPAUSE',
    'CLIENT UNPAUSE x',
  ],
  'client: names': [
    'CLIENT SETNAME', 'CLIENT SETNAME a\\ b', 'CLIENT SETNAME abc', 'CLIENT GETNAME', 'CLIENT SETNAME ~~', 'CLIENT GETNAME', 'CLIENT SETNAME "', 'CLIENT GETNAME x',
  ],
  'client: switches': [
    'CLIENT NO-EVICT', 'CLIENT NO-EVICT x', 'CLIENT NO-EVICT on', 'CLIENT NO-EVICT off', 'CLIENT GETREDIR',
  ],
  config: [
    'CONFIG', 'CONFIG GET', 'CONFIG SET', 'CONFIG SET a', 'CONFIG SET a b', 'CONFIG SET a b c', 'CONFIG SET maxmemory 1 maxmemory 2', 'CONFIG SET maxmemory x',
    'CONFIG RESETSTAT x', 'CONFIG REWRITE x', 'CONFIG REWRITE', 'CONFIG HELP x', 'CONFIG NOSUCH', 'CONFIG SET port x', 'CONFIG SET databases 3', 'CONFIG GET databases',
    'CONFIG SET daemonize yes', 'CONFIG GET hash-max-ziplist-entries',
  ],
  acl: [
    'ACL', 'ACL x', 'ACL WHOAMI', 'ACL WHOAMI x', 'ACL LIST', 'ACL USERS', 'ACL CAT x', 'ACL CAT a b', 'ACL GETUSER nobody', 'ACL GETUSER default', 'ACL GENPASS 0',
    'ACL GENPASS x', 'ACL GENPASS 4097', 'ACL GENPASS 1 2', 'ACL SETUSER', 'ACL SETUSER bob', 'ACL GETUSER bob', 'ACL LIST',
    'ACL SETUSER bob on >secret ~a* ~b* +get +@read -set', 'ACL GETUSER bob', 'ACL LIST', 'ACL SETUSER bob nosuch', 'ACL SETUSER bob +nosuch',
    'ACL SETUSER bob +@nosuch', 'ACL SETUSER bob <nopass', 'ACL SETUSER bob #zz', 'ACL SETUSER bob +config|get', 'ACL SETUSER bob +config|nosuch',
    'ACL SETUSER bob reset', 'ACL LIST', 'ACL SETUSER bob allkeys ~x', 'ACL SETUSER bob &c* allchannels', 'ACL SETUSER bob resetchannels &d', 'ACL GETUSER bob',
    'ACL SETUSER bob allcommands -get', 'ACL GETUSER bob', 'ACL SETUSER bob nocommands +set', 'ACL GETUSER bob', 'ACL DELUSER bob nobody', 'ACL DELUSER default',
    'ACL DELUSER', 'ACL SAVE', 'ACL LOAD',
  ],
  'acl: what a user may do': [
    'ACL SETUSER ann on nopass resetchannels +@all -@dangerous ~k* %R~r* %W~w* &news.*', 'AUTH ann x', 'ACL WHOAMI', 'GET k1', 'GET r1', 'SET r1 x', 'SET w1 x', 'GET w1', 'SET w1 y GET', 'GET other',
    'MGET k1 other', 'COPY r1 w1', 'COPY w1 r1', 'FLUSHALL', 'KEYS *', 'PUBLISH news.a x', 'PUBLISH other x', 'EVAL return(redis.call(\'set\',\'other\',1)) 0',
    'EVAL return(redis.call(\'flushall\')) 0', 'EVAL return(redis.call(\'publish\',\'x\',1)) 0', 'EVAL return(redis.acl_check_cmd(\'set\',\'other\',1)) 0', 'EVAL return(redis.call(\'set\',\'k1\',1)) 1 k1',
    'MULTI', 'SET k1 1', 'SET other 1', 'EXEC', 'MULTI', 'SET k1 1', 'EXEC', 'SORT k2', 'SORT k2 BY nosort GET pattern_*', 'SUBSCRIBE other', 'ACL LIST', 'CONFIG GET x',
  ],
  'acl: selectors and first arguments': [
    'ACL SETUSER cat reset on nopass -@all +select|0 +acl|whoami +auth (~a +get) (~b +set)', 'AUTH cat x', 'GET a', 'GET b', 'SET b 1', 'SET a 1', 'SET b 1 GET', 'SELECT 0', 'SELECT 1', 'ACL WHOAMI', 'ACL LIST', 'PING',
  ],
  'client-side caching': [
    'CLIENT TRACKING', 'CLIENT TRACKING x', 'CLIENT TRACKING on x', 'CLIENT CACHING yes', 'CLIENT TRACKINGINFO', 'CLIENT TRACKING on', 'CLIENT TRACKING on BCAST', 'CLIENT TRACKINGINFO', 'CLIENT GETREDIR',
    'GET k', 'SET k 1', 'PING', 'GET k', 'MULTI', 'SET k 2', 'SET j 2', 'EXEC', 'PING', 'CLIENT TRACKING off', 'CLIENT TRACKING on OPTIN', 'GET k', 'SET k 3', 'CLIENT CACHING no', 'CLIENT CACHING yes', 'CLIENT TRACKINGINFO', 'GET k', 'SET k 4', 'PING',
    'CLIENT TRACKING on OPTOUT', 'CLIENT TRACKING off', 'CLIENT TRACKING on BCAST PREFIX a PREFIX ab', 'CLIENT TRACKING on BCAST PREFIX a PREFIX b', 'CLIENT TRACKING on BCAST PREFIX abc', 'CLIENT TRACKINGINFO', 'FLUSHALL', 'PING', 'RESET', 'CLIENT TRACKINGINFO',
  ],
  'a server that stands alone': [
    'CLUSTER', 'CLUSTER INFO', 'CLUSTER HELP', 'CLUSTER NOSUCH', 'READONLY', 'READWRITE', 'ASKING', 'FAILOVER', 'FAILOVER ABORT', 'FAILOVER TO a b', 'FAILOVER TIMEOUT 0', 'REPLCONF', 'REPLCONF a', 'REPLCONF a b', 'REPLCONF capa eof',
    'MODULE', 'MODULE LIST', 'MODULE LOAD x', 'MODULE UNLOAD x', 'MODULE NOSUCH', 'LOLWUT', 'LOLWUT VERSION x', 'MIGRATE', 'MIGRATE h 1 nokey 0 1', 'MIGRATE h 1 nokey x 1', 'MIGRATE h 1 k 0 1 KEYS a', 'ACL DELUSER ann cat',
  ],
  'auth and hello': [
    'AUTH', 'AUTH a', 'AUTH a b', 'AUTH default x', 'AUTH a b c', 'HELLO', 'HELLO 2', 'HELLO x', 'HELLO 4', 'HELLO 2 AUTH', 'HELLO 2 AUTH a', 'HELLO 2 AUTH a b',
    'HELLO 2 SETNAME', 'HELLO 2 SETNAME abc', 'CLIENT GETNAME', 'HELLO 2 x',
  ],
  command: [
    'COMMAND COUNT x', 'COMMAND GETKEYS', 'COMMAND GETKEYS get', 'COMMAND GETKEYS get a', 'COMMAND GETKEYS nosuch a', 'COMMAND GETKEYS ping',
    'COMMAND GETKEYS config get', 'COMMAND GETKEYS object encoding a', 'COMMAND GETKEYS sort a by b get c store d store e', 'COMMAND GETKEYS sort_ro a by b',
    'COMMAND GETKEYS xread count 1 streams a b 0 0', 'COMMAND GETKEYS xread a b', 'COMMAND GETKEYS eval x 0', 'COMMAND GETKEYS eval x -1', 'COMMAND GETKEYS eval x x',
    'COMMAND GETKEYS eval x 5 a b', 'COMMAND GETKEYS mset a 1 b 2', 'COMMAND GETKEYS zunionstore d 2 a b weights 1 2', 'COMMAND GETKEYS lmpop 1 a left',
    'COMMAND GETKEYS set a b get', 'COMMAND GETKEYS copy a b db 3', 'COMMAND GETKEYS blpop a b 0', 'COMMAND GETKEYS zinterstore d 5 a', 'COMMAND GETKEYS zunion 1 a',
    'COMMAND GETKEYS rename a b', 'COMMAND LIST x', 'COMMAND LIST FILTERBY x y', 'COMMAND LIST FILTERBY ACLCAT nosuch', 'COMMAND LIST FILTERBY MODULE x',
    'COMMAND LIST FILTERBY', 'COMMAND NOSUCH', 'COMMAND INFO nosuch', 'COMMAND INFO config|nosuch',
  ],
  'pub/sub subcommands': [
    'PUBSUB', 'PUBSUB CHANNELS a b', 'PUBSUB NUMPAT x', 'PUBSUB NUMSUB', 'PUBSUB NUMSUB a b', 'PUBSUB SHARDCHANNELS', 'PUBSUB SHARDCHANNELS a b', 'PUBSUB SHARDNUMSUB a',
    'PUBSUB SHARDNUMSUB', 'PUBSUB x', 'SPUBLISH a b', 'PUBLISH a', 'SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE',
  ],
  'slow log': [
    'SLOWLOG', 'SLOWLOG LEN x', 'SLOWLOG RESET', 'SLOWLOG x',
  ],
  latency: [
    'LATENCY', 'LATENCY LATEST', 'LATENCY HISTORY', 'LATENCY RESET', 'LATENCY RESET x y', 'LATENCY x', 'LATENCY LATEST x', 'LATENCY GRAPH x', 'LATENCY GRAPH', 'LATENCY HISTOGRAM nosuch', 'LATENCY DOCTOR x',
  ],
  memory: [
    'MEMORY', 'MEMORY USAGE', 'MEMORY USAGE nokey', 'MEMORY USAGE nokey SAMPLES', 'MEMORY USAGE nokey SAMPLES x', 'MEMORY USAGE nokey x 5', 'MEMORY x', 'MEMORY PURGE',
  ],
  object: [
    'OBJECT', 'OBJECT x', 'OBJECT ENCODING', 'OBJECT ENCODING nokey', 'OBJECT FREQ nokey', 'OBJECT IDLETIME nokey', 'OBJECT REFCOUNT nokey', 'OBJECT HELP x', 'SET a 1',
    'OBJECT FREQ a', 'OBJECT REFCOUNT a', 'OBJECT ENCODING a b',
  ],
  replication: [
    'WAIT', 'WAIT x 1', 'WAIT 0 x', 'WAIT 0 -1', 'WAIT 0 1', 'WAIT 1 1', 'WAIT -1 0', 'REPLICAOF no one', 'REPLICAOF', 'SLAVEOF NO ONE', 'ROLE', 'ROLE x', 'LASTSAVE x',
    'TIME x', 'DBSIZE x', 'RESET x', 'QUIT x',
  ],
  'server and databases': [
    'DEBUG', 'DEBUG x', 'DEBUG SLEEP 0', 'SHUTDOWN x', 'SHUTDOWN SAVE NOSAVE', 'SHUTDOWN ABORT', 'SHUTDOWN ABORT NOW', 'SHUTDOWN NOSAVE x', 'INFO x',
    'INFO nosuch server2', 'SWAPDB 0', 'SWAPDB 0 1 2', 'SWAPDB 99 0', 'SWAPDB 0 99', 'SWAPDB -1 0', 'MOVE a x', 'MOVE a 0', 'MOVE a 99', 'COPY a a', 'COPY a b DB',
    'COPY a b DB x', 'COPY a b x', 'SELECT x', 'SELECT 99', 'SELECT -1', 'SELECT 1 2',
  ],
  'transaction errors': [
    'MULTI', 'MULTI', 'WATCH a', 'SUBSCRIBE c', 'UNSUBSCRIBE', 'RESET', 'EXEC', 'MULTI', 'DISCARD', 'DISCARD', 'EXEC', 'UNWATCH x', 'MULTI x', 'EXEC x', 'MULTI', 'GET',
    'SET a b', 'EXEC', 'MULTI', 'NOSUCH', 'EXEC', 'MULTI', 'EXEC x', 'SET a b', 'EXEC',
  ],
  'CLIENT REPLY OFF in a transaction': [
    'MULTI', 'CLIENT REPLY OFF', 'EXEC', 'PING',
  ],
  'databases and protocols in a transaction': [
    'MULTI', 'SELECT 1', 'SET a 1', 'SELECT 0', 'EXEC', 'GET a', 'SELECT 1', 'GET a', 'FLUSHALL', 'MULTI', 'HELLO 3', 'SET a 1', 'SADD s a', 'SMEMBERS s', 'HELLO 2',
    'SMEMBERS s', 'EXEC', 'PING', 'RESET', 'SMEMBERS s',
  ],
  'QUIT in a transaction': [
    'MULTI', 'QUIT', 'EXEC',
  ],
  'what may not wait or run in a script': [
    'MULTI', 'BLPOP nokey 0', 'XREAD BLOCK 0 STREAMS x $', 'BRPOPLPUSH a b 0', 'BZPOPMIN z 0', 'EXEC',
    'EVAL return(redis.call(\'xread\',\'block\',\'0\',\'streams\',\'x\',\'$\')) 0', 'EVAL return(redis.call(\'blpop\',\'x\',\'0\')) 0',
    'EVAL return(redis.call(\'multi\')) 0', 'EVAL return(redis.call(\'wait\',1,0)) 0', 'EVAL return(redis.call(\'select\',1)) 0',
    'EVAL return(redis.call(\'subscribe\',\'x\')) 0', 'EVAL return(redis.call(\'shutdown\',\'nosave\')) 0', 'EVAL return(redis.call(\'client\',\'kill\',\'x\')) 0',
    'EVAL return(redis.call(\'config\',\'get\',\'maxmemory\')) 0', 'EVAL return(redis.call(\'hello\',\'3\')) 0', 'EVAL return(redis.call(\'script\',\'load\',\'x\')) 0',
    'EVAL return(redis.call(\'eval\',\'x\',0)) 0', 'EVAL return(redis.call(\'debug\',\'sleep\',\'0\')) 0', 'EVAL return(redis.call(\'flushall\')) 0',
    'EVAL return(redis.call(\'publish\',\'c\',\'m\')) 0', 'EVAL return(redis.call(\'swapdb\',0,1)) 0', 'EVAL return(redis.call(\'bgsave\')) 0',
    'EVAL return(redis.call(\'quit\')) 0', 'EVAL return(redis.call(\'reset\')) 0', 'EVAL return(redis.call(\'acl\',\'whoami\')) 0',
    'EVAL return(redis.call(\'client\',\'id\')) 0', 'EVAL return(redis.call(\'object\')) 0', 'EVAL return(redis.call(\'object\',\'nosuch\')) 0',
  ],
  'subscribing in RESP2': [
    'SUBSCRIBE c', 'PING', 'PING x', 'GET a', 'SUBSCRIBE d', 'PSUBSCRIBE p*', 'UNSUBSCRIBE nosuch', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'GET a', 'SSUBSCRIBE s', 'GET a',
    'SUNSUBSCRIBE', 'GET a', 'SSUBSCRIBE s', 'RESET', 'GET a',
  ],
  'subscribing and MULTI': [
    'SUBSCRIBE c', 'MULTI', 'HELLO 3', 'GET a', 'MULTI', 'SUBSCRIBE e', 'EXEC', 'QUIT',
  ],
  scripts: [
    'EVAL x', 'EVAL x 0', 'EVAL return(1) x', 'EVAL return(1) -1', 'EVAL return(1) 1', 'EVALSHA x 0', 'EVALSHA 0000000000000000000000000000000000000000 0', 'SCRIPT',
    'SCRIPT x', 'SCRIPT LOAD', 'SCRIPT LOAD x=', 'SCRIPT EXISTS', 'SCRIPT FLUSH x', 'SCRIPT FLUSH SYNC x', 'SCRIPT KILL x', 'SCRIPT DEBUG x', 'SCRIPT DEBUG no',
    'EVAL_RO redis.call(\'set\',\'a\',\'b\') 0', 'EVAL return(redis.error_reply(\'x\')) 0', 'EVAL return(redis.call(\'get\')) 0',
    'EVAL redis.call(\'incr\',\'s1x\',\'y\') 0',
  ],
  'expiry of strings': [
    'SET a b EX', 'SET a b EX 0', 'SET a b EX -1', 'SET a b EX x', 'SET a b EX 10 PX 10', 'SET a b EX 10 EX 20', 'SET a b KEEPTTL EX 10', 'SET a b EX 10 KEEPTTL',
    'SET a b PERSIST', 'SET a b NX GET', 'SET a b XX GET', 'SET n b NX GET', 'SET a b GET EX 9223372036854775807', 'SET a b PX 9223372036854775807',
    'SET a b PXAT 9223372036854775807', 'PEXPIRETIME a', 'PTTL a2', 'GETEX a PERSIST EX 1', 'GETEX a EX 9223372036854775', 'GETEX a EXAT 1', 'GET a', 'SETEX a 0 b',
    'SETEX a x b', 'PSETEX a -1 b', 'SETEX a 9223372036854775807 b', 'EXPIRE a 1 NX XX', 'EXPIRE a 1 GT LT', 'EXPIRE a x y', 'EXPIRE a 9223372036854775807',
    'PEXPIRE a 9223372036854775807', 'EXPIREAT a 9223372036854775807', 'PEXPIREAT a 9223372036854775807', 'EXPIRE a -9223372036854775808',
    'EXPIRE nokey -9223372036854775808',
  ],
  'numbers at their ends': [
    'SET a b', 'PEXPIREAT a 9223372036854775807', 'PEXPIRETIME a', 'EXPIRETIME a', 'GETEX a PXAT 9223372036854775807', 'EXPIREAT a -1', 'EXISTS a',
    'SETRANGE a 536870912 x', 'SETRANGE a -1 x', 'APPEND', 'INCRBY a x', 'INCRBY n 9223372036854775807', 'INCR n', 'DECRBY n -9223372036854775808', 'INCRBYFLOAT n nan',
    'INCRBYFLOAT n inf', 'INCRBYFLOAT n 1e5000', 'GETRANGE n x 1', 'LCS a b LEN IDX', 'LCS a b x', 'LCS a b MINMATCHLEN', 'LCS a b MINMATCHLEN x',
  ],
  scans: [
    'SCAN x', 'SCAN 0 COUNT 0', 'SCAN 0 COUNT x', 'SCAN 0 TYPE', 'SCAN 0 TYPE nosuch', 'SCAN 0 x', 'SCAN -1', 'SCAN 18446744073709551616', 'SCAN 0 MATCH a COUNT',
    'HSCAN nokey x', 'HSCAN nokey 0 TYPE hash', 'SSCAN nokey 0', 'ZSCAN nokey 0 COUNT 1', 'KEYS', 'KEYS a b', 'RANDOMKEY x', 'FLUSHALL x', 'FLUSHALL SYNC x',
    'FLUSHDB ASYNC', 'FLUSHDB x',
  ],
  'dump, sort, save': [
    'RESTORE a', 'RESTORE a 0 x', 'RESTORE a -1 x', 'RESTORE a x x', 'DUMP', 'DUMP nokey', 'SORT a b', 'SORT a LIMIT 1', 'SORT a LIMIT x 1', 'SORT a BY',
    'SORT_RO a STORE b', 'SAVE x', 'BGSAVE x', 'BGSAVE SCHEDULE x', 'XINFO', 'XINFO x', 'XINFO STREAM nokey', 'XINFO HELP x',
  ],
  statistics: [
    'CONFIG RESETSTAT', 'GET a', 'SET a b', 'GET a', 'LPUSH a x', 'NOSUCH', 'GET', 'CONFIG GET x', 'CONFIG NOSUCH', 'MULTI', 'GET a', 'NOSUCH', 'EXEC', 'MULTI',
    'LPUSH a x', 'GET a', 'EXEC', 'EVAL redis.call(\'lpush\',\'a\',\'x\') 0', 'EVAL return(redis.pcall(\'lpush\',\'a\',\'x\')) 0',
    'EVAL redis.pcall(\'lpush\',\'a\',\'x\') 0', 'EVAL return(redis.error_reply(\'FOO bar\')) 0', 'EVAL return(redis.error_reply(\'nospace\')) 0', 'EVAL error(\'x\') 0',
    'EVAL redis.call(\'nosuch\') 0', 'EVAL redis.call(\'get\') 0', 'EVAL x= 0', 'EVALSHA 0000000000000000000000000000000000000000 0', 'BLPOP nokey 0.01', 'SUBSCRIBE c',
    'UNSUBSCRIBE', 'AUTH a b c', 'SELECT 99', 'EXPIRE a x', 'INFO commandstats', 'INFO errorstats', 'INFO keyspace',
  ],
  'memory over its limit': [
    'CONFIG RESETSTAT', 'SET a b', 'CONFIG SET maxmemory 1', 'SET a c', 'GET a', 'DEL a', 'MULTI', 'SET a c', 'EXEC', 'EVAL return(redis.call(\'set\',\'a\',\'b\')) 0',
    'EVAL return(redis.pcall(\'set\',\'a\',\'b\')) 0', 'EVAL_RO return(redis.call(\'get\',\'a\')) 0', 'CONFIG SET maxmemory 0', 'INFO commandstats', 'INFO errorstats',
  ],
  'a user with rights to some': [
    'ACL SETUSER bob on >p ~a* &c* +@all -flushall -config', 'AUTH bob p', 'GET a', 'GET b', 'MGET a b', 'FLUSHALL', 'CONFIG GET x', 'SORT a BY w*', 'SORT a GET #',
    'SUBSCRIBE c1', 'SUBSCRIBE d1', 'PSUBSCRIBE c*', 'PSUBSCRIBE d*', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'PUBLISH d x', 'EVAL return(redis.call(\'get\',\'b\')) 0',
    'EVAL return(redis.call(\'get\',KEYS[1])) 1 b', 'EVAL return(redis.call(\'flushall\')) 0', 'EVAL return(redis.pcall(\'flushall\')) 0', 'MULTI', 'GET b', 'GET a',
    'EXEC', 'MULTI', 'GET a', 'FLUSHALL', 'EXEC', 'ACL WHOAMI', 'AUTH bob x', 'ACL WHOAMI', 'COPY a b', 'RENAME a b', 'XREAD STREAMS b 0', 'ZUNIONSTORE a 1 b', 'RESET',
    'ACL WHOAMI', 'ACL DELUSER bob', 'INFO errorstats',
  ],
  'a password': [
    'CONFIG SET requirepass s', 'ACL GETUSER default', 'RESET', 'GET a', 'PING', 'AUTH x', 'AUTH s', 'GET a', 'RESET', 'HELLO 3 AUTH default s', 'GET a',
    'CONFIG SET requirepass ', 'ACL LIST', 'INFO errorstats',
  ],
  'what breaks a watch': [
    'WATCH a', 'SET a 1', 'MULTI', 'GET a', 'EXEC', 'WATCH b', 'MULTI', 'SET b 2', 'EXEC', 'WATCH b', 'UNWATCH', 'SET b 3', 'MULTI', 'GET b', 'EXEC', 'SELECT 1',
    'WATCH b', 'SELECT 0', 'SET b 4', 'MULTI', 'EXEC', 'WATCH nokey', 'DEL nokey', 'MULTI', 'PING', 'EXEC', 'WATCH b', 'FLUSHALL', 'MULTI', 'PING', 'EXEC', 'WATCH b',
    'FLUSHALL', 'MULTI', 'PING', 'EXEC', 'WATCH b', 'SWAPDB 0 1', 'MULTI', 'PING', 'EXEC', 'SET k v', 'WATCH k', 'EXPIRE k 100', 'MULTI', 'PING', 'EXEC', 'WATCH k',
    'PERSIST k', 'MULTI', 'PING', 'EXEC', 'WATCH k', 'GETEX k', 'MULTI', 'PING', 'EXEC', 'WATCH k', 'SET k v', 'MULTI', 'PING', 'EXEC', 'WATCH k', 'SETNX k v', 'MULTI',
    'PING', 'EXEC', 'WATCH k', 'APPEND k', 'APPEND k ', 'MULTI', 'PING', 'EXEC', 'SADD s a', 'WATCH s', 'SADD s a', 'MULTI', 'PING', 'EXEC', 'WATCH s', 'SREM s z',
    'MULTI', 'PING', 'EXEC', 'WATCH s', 'EVAL return(1) 0', 'MULTI', 'PING', 'EXEC', 'HSET h f v', 'WATCH h', 'HSET h f v', 'MULTI', 'PING', 'EXEC', 'ZADD z 1 a',
    'WATCH z', 'ZADD z 1 a', 'MULTI', 'PING', 'EXEC', 'WATCH z', 'ZADD z NX 2 a', 'MULTI', 'PING', 'EXEC', 'RPUSH l a', 'WATCH l', 'LTRIM l 0 -1', 'MULTI', 'PING',
    'EXEC', 'WATCH l', 'LSET l 0 a', 'MULTI', 'PING', 'EXEC', 'WATCH l', 'LREM l 0 z', 'MULTI', 'PING', 'EXEC', 'WATCH l', 'SORT l ALPHA STORE l', 'MULTI', 'PING',
    'EXEC', 'WATCH l', 'RENAME l l', 'MULTI', 'PING', 'EXEC', 'WATCH l', 'COPY l l2', 'MULTI', 'PING', 'EXEC', 'WATCH l2', 'COPY l l2', 'MULTI', 'PING', 'EXEC',
    'WATCH l2', 'MOVE l2 1', 'MULTI', 'PING', 'EXEC',
  ],
};
