/**
 * What COMMAND DOCS says of each command of Redis 7.0: interface facts, one line each, read off redis-server 7.0.15. Only who asks pays for
 * them: they stand inside a function, so the text is neither compiled nor kept before the first call.
 *
 *   name ^ group ^ since ^ summary ^ complexity ^ flags (d deprecated, s syscmd) ^ deprecated since ^ replaced by ^ history ^ arguments
 *   history  = version text;version text … (a version follows the semicolon at once)
 *   argument = type letter, name, then  ,@key spec  ,=token  ,+since  ,-deprecated since  ,flags (? optional, * multiple, ! multiple token)  {arguments}
 *   type     = k key, i integer, d double, s string, a pattern, u unix-time, p pure-token, o oneof, b block
 */
export function commandDocs(): string {
  return `\
acl^server^6.0.0^A container for Access List Control commands ^Depends on subcommand.
acl|cat^server^6.0.0^List the ACL categories or the commands inside a category^O(1) since the categories and commands are a fixed set.^^^^^scategoryname,?
acl|deluser^server^6.0.0^Remove the specified ACL users and the associated rules^O(1) amortized time considering the typical user.^^^^^susername,*
acl|dryrun^server^7.0.0^Returns whether the user can execute the given command without executing the command.^O(1).^^^^^susername scommand sarg,?*
acl|genpass^server^6.0.0^Generate a pseudorandom secure password to use for ACL users^O(1)^^^^^ibits,?
acl|getuser^server^6.0.0^Get the rules for a specific ACL user^O(N). Where N is the number of password, command and pattern rules that the user has.^^^^6.2.0 Added Pub/Sub channel patterns.;7.0.0 Added selectors and changed the format of key and channel patterns from a list to their rule representation.^susername
acl|help^server^6.0.0^Show helpful text about the different subcommands^O(1)
acl|list^server^6.0.0^List the current ACL rules in ACL config file format^O(N). Where N is the number of configured users.
acl|load^server^6.0.0^Reload the ACLs from the configured ACL file^O(N). Where N is the number of configured users.
acl|log^server^6.0.0^List latest events denied because of ACLs in place^O(N) with N being the number of entries shown.^^^^^ooperation,?{icount preset,=RESET}
acl|save^server^6.0.0^Save the current ACL rules in the configured ACL file^O(N). Where N is the number of configured users.
acl|setuser^server^6.0.0^Modify or create the rules for a specific ACL user^O(N). Where N is the number of rules provided.^^^^6.2.0 Added Pub/Sub channel patterns.;7.0.0 Added selectors and key based permissions.^susername srule,?*
acl|users^server^6.0.0^List the username of all the configured ACL rules^O(N). Where N is the number of configured users.
acl|whoami^server^6.0.0^Return the name of the user associated to the current connection^O(1)
append^string^2.0.0^Append a value to a key^O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.^^^^^kkey,@0 svalue
asking^cluster^3.0.0^Sent by cluster clients after an -ASK redirect^O(1)
auth^connection^1.0.0^Authenticate to the server^O(N) where N is the number of passwords defined for the user^^^^6.0.0 Added ACL style (username and password).^susername,+6.0.0,? spassword
bgrewriteaof^server^1.0.0^Asynchronously rewrite the append-only file^O(1)
bgsave^server^1.0.0^Asynchronously save the dataset to disk^O(1)^^^^3.2.2 Added the \`SCHEDULE\` option.^pschedule,=SCHEDULE,+3.2.2,?
bitcount^bitmap^2.6.0^Count set bits in a string^O(N)^^^^7.0.0 Added the \`BYTE|BIT\` option.^kkey,@0 bindex,?{istart iend oindex_unit,+7.0.0,?{pbyte,=BYTE pbit,=BIT}}
bitfield^bitmap^3.2.0^Perform arbitrary bitfield integer operations on strings^O(1) for each subcommand specified^^^^^kkey,@0 ooperation,?*{bencoding_offset,=GET{sencoding ioffset} bwrite{owrap_sat_fail,=OVERFLOW,?{pwrap,=WRAP psat,=SAT pfail,=FAIL} owrite_operation{bencoding_offset_value,=SET{sencoding ioffset ivalue} bencoding_offset_increment,=INCRBY{sencoding ioffset iincrement}}}}
bitfield_ro^bitmap^6.0.0^Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD^O(1) for each subcommand specified^^^^^kkey,@0 bencoding_offset,=GET,?*!{sencoding ioffset}
bitop^bitmap^2.6.0^Perform bitwise operations between strings^O(N)^^^^^soperation kdestkey,@0 kkey,@1,*
bitpos^bitmap^2.8.7^Find first bit set or clear in a string^O(N)^^^^7.0.0 Added the \`BYTE|BIT\` option.^kkey,@0 ibit bindex,?{istart bend_index,?{iend oindex_unit,+7.0.0,?{pbyte,=BYTE pbit,=BIT}}}
blmove^list^6.2.0^Pop an element from a list, push it to another list and return it; or block until one is available^O(1)^^^^^ksource,@0 kdestination,@1 owherefrom{pleft,=LEFT pright,=RIGHT} owhereto{pleft,=LEFT pright,=RIGHT} dtimeout
blmpop^list^7.0.0^Pop elements from a list, or block until one is available^O(N+M) where N is the number of provided keys and M is the number of elements returned.^^^^^dtimeout inumkeys kkey,@0,* owhere{pleft,=LEFT pright,=RIGHT} icount,=COUNT,?
blpop^list^2.0.0^Remove and get the first element in a list, or block until one is available^O(N) where N is the number of provided keys.^^^^6.0.0 \`timeout\` is interpreted as a double instead of an integer.^kkey,@0,* dtimeout
brpop^list^2.0.0^Remove and get the last element in a list, or block until one is available^O(N) where N is the number of provided keys.^^^^6.0.0 \`timeout\` is interpreted as a double instead of an integer.^kkey,@0,* dtimeout
brpoplpush^list^2.2.0^Pop an element from a list, push it to another list and return it; or block until one is available^O(1)^d^6.2.0^\`BLMOVE\` with the \`RIGHT\` and \`LEFT\` arguments^6.0.0 \`timeout\` is interpreted as a double instead of an integer.^ksource,@0 kdestination,@1 dtimeout
bzmpop^sorted-set^7.0.0^Remove and return members with scores in a sorted set or block until one is available^O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.^^^^^dtimeout inumkeys kkey,@0,* owhere{pmin,=MIN pmax,=MAX} icount,=COUNT,?
bzpopmax^sorted-set^5.0.0^Remove and return the member with the highest score from one or more sorted sets, or block until one is available^O(log(N)) with N being the number of elements in the sorted set.^^^^6.0.0 \`timeout\` is interpreted as a double instead of an integer.^kkey,@0,* dtimeout
bzpopmin^sorted-set^5.0.0^Remove and return the member with the lowest score from one or more sorted sets, or block until one is available^O(log(N)) with N being the number of elements in the sorted set.^^^^6.0.0 \`timeout\` is interpreted as a double instead of an integer.^kkey,@0,* dtimeout
client^connection^2.4.0^A container for client connection commands^Depends on subcommand.
client|caching^connection^6.0.0^Instruct the server about tracking or not keys in the next request^O(1)^^^^^omode{pyes,=YES pno,=NO}
client|getname^connection^2.6.9^Get the current connection name^O(1)
client|getredir^connection^6.0.0^Get tracking notifications redirection client ID if any^O(1)
client|help^connection^5.0.0^Show helpful text about the different subcommands^O(1)
client|id^connection^5.0.0^Returns the client ID for the current connection^O(1)
client|info^connection^6.2.0^Returns information about the current client connection.^O(1)
client|kill^connection^2.4.0^Kill the connection of a client^O(N) where N is the number of client connections^^^^2.8.12 Added new filter format.;2.8.12 \`ID\` option.;3.2.0 Added \`master\` type in for \`TYPE\` option.;5.0.0 Replaced \`slave\` \`TYPE\` with \`replica\`. \`slave\` still supported for backward compatibility.;6.2.0 \`LADDR\` option.^ofilter{sip:port,-2.8.12 onew-format,*{iclient-id,=ID,+2.8.12,? onormal_master_slave_pubsub,=TYPE,+2.8.12,?{pnormal,=NORMAL pmaster,=MASTER,+3.2.0 pslave,=SLAVE preplica,=REPLICA,+5.0.0 ppubsub,=PUBSUB} susername,=USER,? sip:port,=ADDR,? sip:port,=LADDR,+6.2.0,? syes/no,=SKIPME,?}}
client|list^connection^2.4.0^Get the list of client connections^O(N) where N is the number of client connections^^^^2.8.12 Added unique client \`id\` field.;5.0.0 Added optional \`TYPE\` filter.;6.0.0 Added \`user\` field.;6.2.0 Added \`argv-mem\`, \`tot-mem\`, \`laddr\` and \`redir\` fields and the optional \`ID\` filter.;7.0.0 Added \`resp\`, \`multi-mem\`, \`rbs\` and \`rbp\` fields.;7.0.3 Added \`ssub\` field.^onormal_master_replica_pubsub,=TYPE,+5.0.0,?{pnormal,=NORMAL pmaster,=MASTER preplica,=REPLICA ppubsub,=PUBSUB} bid,=ID,+6.2.0,?{iclient-id,*}
client|no-touch^connection^7.2.0^Control whether commands sent by the client alter the LRU/LFU of accessed keys^O(1)^^^^^oenabled{pon,=ON poff,=OFF}
client|no-evict^connection^7.0.0^Set client eviction mode for the current connection^O(1)^^^^^oenabled{pon,=ON poff,=OFF}
client|pause^connection^2.9.50^Stop processing commands from clients for some time^O(1)^^^^6.2.0 \`CLIENT PAUSE WRITE\` mode added along with the \`mode\` option.^itimeout omode,+6.2.0,?{pwrite,=WRITE pall,=ALL}
client|reply^connection^3.2.0^Instruct the server whether to reply to commands^O(1)^^^^^oon_off_skip{pon,=ON poff,=OFF pskip,=SKIP}
client|setinfo^connection^7.2.0^Set information specific to the client or connection^O(1)^^^^^oattr{slibname,=lib-name slibver,=lib-ver}
client|setname^connection^2.6.9^Set the current connection name^O(1)^^^^^sconnection-name
client|tracking^connection^6.0.0^Enable or disable server assisted client side caching support^O(1). Some options may introduce additional complexity.^^^^^ostatus{pon,=ON poff,=OFF} iclient-id,=REDIRECT,? sprefix,=PREFIX,?*! pbcast,=BCAST,? poptin,=OPTIN,? poptout,=OPTOUT,? pnoloop,=NOLOOP,?
client|trackinginfo^connection^6.2.0^Return information about server assisted client side caching for the current connection^O(1)
client|unblock^connection^5.0.0^Unblock a client blocked in a blocking command from a different connection^O(log N) where N is the number of client connections^^^^^iclient-id otimeout_error,?{ptimeout,=TIMEOUT perror,=ERROR}
client|unpause^connection^6.2.0^Resume processing of clients that were paused^O(N) Where N is the number of paused clients
cluster^cluster^3.0.0^A container for cluster commands^Depends on subcommand.
cluster|addslots^cluster^3.0.0^Assign new hash slots to receiving node^O(N) where N is the total number of hash slot arguments^^^^^islot,*
cluster|addslotsrange^cluster^7.0.0^Assign new hash slots to receiving node^O(N) where N is the total number of the slots between the start slot and end slot arguments.^^^^^bstart-slot_end-slot,*{istart-slot iend-slot}
cluster|bumpepoch^cluster^3.0.0^Advance the cluster config epoch^O(1)
cluster|count-failure-reports^cluster^3.0.0^Return the number of failure reports active for a given node^O(N) where N is the number of failure reports^^^^^snode-id
cluster|countkeysinslot^cluster^3.0.0^Return the number of local keys in the specified hash slot^O(1)^^^^^islot
cluster|delslots^cluster^3.0.0^Set hash slots as unbound in receiving node^O(N) where N is the total number of hash slot arguments^^^^^islot,*
cluster|delslotsrange^cluster^7.0.0^Set hash slots as unbound in receiving node^O(N) where N is the total number of the slots between the start slot and end slot arguments.^^^^^bstart-slot_end-slot,*{istart-slot iend-slot}
cluster|failover^cluster^3.0.0^Forces a replica to perform a manual failover of its master.^O(1)^^^^^ooptions,?{pforce,=FORCE ptakeover,=TAKEOVER}
cluster|flushslots^cluster^3.0.0^Delete a node's own slots information^O(1)
cluster|forget^cluster^3.0.0^Remove a node from the nodes table^O(1)^^^^^snode-id
cluster|getkeysinslot^cluster^3.0.0^Return local key names in the specified hash slot^O(log(N)) where N is the number of requested keys^^^^^islot icount
cluster|help^cluster^5.0.0^Show helpful text about the different subcommands^O(1)
cluster|info^cluster^3.0.0^Provides info about Redis Cluster node state^O(1)
cluster|keyslot^cluster^3.0.0^Returns the hash slot of the specified key^O(N) where N is the number of bytes in the key^^^^^skey
cluster|links^cluster^7.0.0^Returns a list of all TCP links to and from peer nodes in cluster^O(N) where N is the total number of Cluster nodes
cluster|meet^cluster^3.0.0^Force a node cluster to handshake with another node^O(1)^^^^4.0.0 Added the optional \`cluster_bus_port\` argument.^sip iport icluster_bus_port,+4.0.0,?
cluster|myshardid^cluster^7.2.0^Return the shard id of the node^O(1)
cluster|myid^cluster^3.0.0^Return the node id^O(1)
cluster|nodes^cluster^3.0.0^Get Cluster config for the node^O(N) where N is the total number of Cluster nodes
cluster|replicas^cluster^5.0.0^List replica nodes of the specified master node^O(1)^^^^^snode-id
cluster|replicate^cluster^3.0.0^Reconfigure a node as a replica of the specified master node^O(1)^^^^^snode-id
cluster|reset^cluster^3.0.0^Reset a Redis Cluster node^O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.^^^^^ohard_soft,?{phard,=HARD psoft,=SOFT}
cluster|saveconfig^cluster^3.0.0^Forces the node to save cluster state on disk^O(1)
cluster|set-config-epoch^cluster^3.0.0^Set the configuration epoch in a new node^O(1)^^^^^iconfig-epoch
cluster|setslot^cluster^3.0.0^Bind a hash slot to a specific node^O(1)^^^^^islot osubcommand{snode-id,=IMPORTING snode-id,=MIGRATING snode-id,=NODE pstable,=STABLE}
cluster|shards^cluster^7.0.0^Get array of cluster slots to node mappings^O(N) where N is the total number of cluster nodes
cluster|slaves^cluster^3.0.0^List replica nodes of the specified master node^O(1)^d^5.0.0^\`CLUSTER REPLICAS\`^^snode-id
cluster|slots^cluster^3.0.0^Get array of Cluster slot to node mappings^O(N) where N is the total number of Cluster nodes^d^7.0.0^\`CLUSTER SHARDS\`^4.0.0 Added node IDs.;7.0.0 Added additional networking metadata field.
command^server^2.8.13^Get array of Redis command details^O(N) where N is the total number of Redis commands
command|count^server^2.8.13^Get total number of Redis commands^O(1)
command|docs^server^7.0.0^Get array of specific Redis command documentation^O(N) where N is the number of commands to look up^^^^^scommand-name,?*
command|getkeys^server^2.8.13^Extract keys given a full Redis command^O(N) where N is the number of arguments to the command
command|getkeysandflags^server^7.0.0^Extract keys and access flags given a full Redis command^O(N) where N is the number of arguments to the command
command|help^server^5.0.0^Show helpful text about the different subcommands^O(1)
command|info^server^2.8.13^Get array of specific Redis command details, or all when no argument is given.^O(N) where N is the number of commands to look up^^^^7.0.0 Allowed to be called with no argument to get info on all commands.^scommand-name,?*
command|list^server^7.0.0^Get an array of Redis command names^O(N) where N is the total number of Redis commands^^^^^ofilterby,=FILTERBY,?{smodule-name,=MODULE scategory,=ACLCAT apattern,=PATTERN}
config^server^2.0.0^A container for server configuration commands^Depends on subcommand.
config|get^server^2.0.0^Get the values of configuration parameters^O(N) when N is the number of configuration parameters provided^^^^7.0.0 Added the ability to pass multiple pattern parameters in one call^bparameter,*{sparameter}
config|help^server^5.0.0^Show helpful text about the different subcommands^O(1)
config|resetstat^server^2.0.0^Reset the stats returned by INFO^O(1)
config|rewrite^server^2.8.0^Rewrite the configuration file with the in memory configuration^O(1)
config|set^server^2.0.0^Set configuration parameters to the given values^O(N) when N is the number of configuration parameters provided^^^^7.0.0 Added the ability to set multiple parameters in one call.^bparameter_value,*{sparameter svalue}
copy^generic^6.2.0^Copy a key^O(N) worst case for collections, where N is the number of nested items. O(1) for string values.^^^^^ksource,@0 kdestination,@1 idestination-db,=DB,? preplace,=REPLACE,?
dbsize^server^1.0.0^Return the number of keys in the selected database^O(1)
debug^server^1.0.0^A container for debugging commands^Depends on subcommand.^s
decr^string^1.0.0^Decrement the integer value of a key by one^O(1)^^^^^kkey,@0
decrby^string^1.0.0^Decrement the integer value of a key by the given number^O(1)^^^^^kkey,@0 idecrement
del^generic^1.0.0^Delete a key^O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).^^^^^kkey,@0,*
discard^transactions^2.0.0^Discard all commands issued after MULTI^O(N), when N is the number of queued commands
dump^generic^2.6.0^Return a serialized version of the value stored at the specified key.^O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).^^^^^kkey,@0
echo^connection^1.0.0^Echo the given string^O(1)^^^^^smessage
eval^scripting^2.6.0^Execute a Lua script server side^Depends on the script that is executed.^^^^^sscript inumkeys kkey,@0,?* sarg,?*
eval_ro^scripting^7.0.0^Execute a read-only Lua script server side^Depends on the script that is executed.^^^^^sscript inumkeys kkey,@0,?* sarg,?*
evalsha^scripting^2.6.0^Execute a Lua script server side^Depends on the script that is executed.^^^^^ssha1 inumkeys kkey,@0,?* sarg,?*
evalsha_ro^scripting^7.0.0^Execute a read-only Lua script server side^Depends on the script that is executed.^^^^^ssha1 inumkeys kkey,@0,?* sarg,?*
exec^transactions^1.2.0^Execute all commands issued after MULTI^Depends on commands in the transaction
exists^generic^1.0.0^Determine if a key exists^O(N) where N is the number of keys to check.^^^^3.0.3 Accepts multiple \`key\` arguments.^kkey,@0,*
expire^generic^1.0.0^Set a key's time to live in seconds^O(1)^^^^7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.^kkey,@0 iseconds ocondition,+7.0.0,?{pnx,=NX pxx,=XX pgt,=GT plt,=LT}
expireat^generic^1.2.0^Set the expiration for a key as a UNIX timestamp^O(1)^^^^7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.^kkey,@0 uunix-time-seconds ocondition,+7.0.0,?{pnx,=NX pxx,=XX pgt,=GT plt,=LT}
expiretime^generic^7.0.0^Get the expiration Unix timestamp for a key^O(1)^^^^^kkey,@0
failover^server^6.2.0^Start a coordinated failover between this server and one of its replicas.^O(1)^^^^^btarget,=TO,?{shost iport pforce,=FORCE,?} pabort,=ABORT,? imilliseconds,=TIMEOUT,?
fcall^scripting^7.0.0^Invoke a function^Depends on the function that is executed.^^^^^sfunction inumkeys kkey,@0,?* sarg,?*
fcall_ro^scripting^7.0.0^Invoke a read-only function^Depends on the function that is executed.^^^^^sfunction inumkeys kkey,@0,?* sarg,?*
flushall^server^1.0.0^Remove all keys from all databases^O(N) where N is the total number of keys in all databases^^^^4.0.0 Added the \`ASYNC\` flushing mode modifier.;6.2.0 Added the \`SYNC\` flushing mode modifier.^oasync,?{pasync,=ASYNC,+4.0.0 psync,=SYNC,+6.2.0}
flushdb^server^1.0.0^Remove all keys from the current database^O(N) where N is the number of keys in the selected database^^^^4.0.0 Added the \`ASYNC\` flushing mode modifier.;6.2.0 Added the \`SYNC\` flushing mode modifier.^oasync,?{pasync,=ASYNC,+4.0.0 psync,=SYNC,+6.2.0}
function^scripting^7.0.0^A container for function commands^Depends on subcommand.
function|delete^scripting^7.0.0^Delete a function by name^O(1)^^^^^slibrary-name
function|dump^scripting^7.0.0^Dump all functions into a serialized binary payload^O(N) where N is the number of functions
function|flush^scripting^7.0.0^Deleting all functions^O(N) where N is the number of functions deleted^^^^^oasync,?{pasync,=ASYNC psync,=SYNC}
function|help^scripting^7.0.0^Show helpful text about the different subcommands^O(1)
function|kill^scripting^7.0.0^Kill the function currently in execution.^O(1)
function|list^scripting^7.0.0^List information about all the functions^O(N) where N is the number of functions^^^^^slibrary-name-pattern,=LIBRARYNAME,? pwithcode,=WITHCODE,?
function|load^scripting^7.0.0^Create a function with the given arguments (name, code, description)^O(1) (considering compilation time is redundant)^^^^^preplace,=REPLACE,? sfunction-code
function|restore^scripting^7.0.0^Restore all the functions on the given payload^O(N) where N is the number of functions on the payload^^^^^sserialized-value opolicy,?{pflush,=FLUSH pappend,=APPEND preplace,=REPLACE}
function|stats^scripting^7.0.0^Return information about the function currently running (name, description, duration)^O(1)
geoadd^geo^3.2.0^Add one or more geospatial items in the geospatial index represented using a sorted set^O(log(N)) for each item added, where N is the number of elements in the sorted set.^^^^6.2.0 Added the \`CH\`, \`NX\` and \`XX\` options.^kkey,@0 ocondition,+6.2.0,?{pnx,=NX pxx,=XX} pchange,=CH,+6.2.0,? blongitude_latitude_member,*{dlongitude dlatitude smember}
geodist^geo^3.2.0^Returns the distance between two members of a geospatial index^O(log(N))^^^^^kkey,@0 smember1 smember2 ounit,?{pm,=M pkm,=KM pft,=FT pmi,=MI}
geohash^geo^3.2.0^Returns members of a geospatial index as standard geohash strings^O(log(N)) for each member requested, where N is the number of elements in the sorted set.^^^^^kkey,@0 smember,*
geopos^geo^3.2.0^Returns longitude and latitude of members of a geospatial index^O(N) where N is the number of members requested.^^^^^kkey,@0 smember,*
georadius^geo^3.2.0^Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a point^O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.^d^6.2.0^\`GEOSEARCH\` and \`GEOSEARCHSTORE\` with the \`BYRADIUS\` argument^6.2.0 Added the \`ANY\` option for \`COUNT\`.;7.0.0 Added support for uppercase unit names.^kkey,@0 dlongitude dlatitude dradius ounit{pm,=M pkm,=KM pft,=FT pmi,=MI} pwithcoord,=WITHCOORD,? pwithdist,=WITHDIST,? pwithhash,=WITHHASH,? bcount,?{icount,=COUNT pany,=ANY,+6.2.0,?} oorder,?{pasc,=ASC pdesc,=DESC} kkey,@1,=STORE,? kkey,@2,=STOREDIST,?
georadius_ro^geo^3.2.10^A read-only variant for GEORADIUS^O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.^d^6.2.0^\`GEOSEARCH\` with the \`BYRADIUS\` argument^6.2.0 Added the \`ANY\` option for \`COUNT\`.^kkey,@0 dlongitude dlatitude dradius ounit{pm,=M pkm,=KM pft,=FT pmi,=MI} pwithcoord,=WITHCOORD,? pwithdist,=WITHDIST,? pwithhash,=WITHHASH,? bcount,?{icount,=COUNT pany,=ANY,+6.2.0,?} oorder,?{pasc,=ASC pdesc,=DESC}
georadiusbymember^geo^3.2.0^Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a member^O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.^d^6.2.0^\`GEOSEARCH\` and \`GEOSEARCHSTORE\` with the \`BYRADIUS\` and \`FROMMEMBER\` arguments^7.0.0 Added support for uppercase unit names.^kkey,@0 smember dradius ounit{pm,=M pkm,=KM pft,=FT pmi,=MI} pwithcoord,=WITHCOORD,? pwithdist,=WITHDIST,? pwithhash,=WITHHASH,? bcount,?{icount,=COUNT pany,=ANY,?} oorder,?{pasc,=ASC pdesc,=DESC} kkey,@1,=STORE,? kkey,@2,=STOREDIST,?
georadiusbymember_ro^geo^3.2.10^A read-only variant for GEORADIUSBYMEMBER^O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.^d^6.2.0^\`GEOSEARCH\` with the \`BYRADIUS\` and \`FROMMEMBER\` arguments^^kkey,@0 smember dradius ounit{pm,=M pkm,=KM pft,=FT pmi,=MI} pwithcoord,=WITHCOORD,? pwithdist,=WITHDIST,? pwithhash,=WITHHASH,? bcount,?{icount,=COUNT pany,=ANY,?} oorder,?{pasc,=ASC pdesc,=DESC}
geosearch^geo^6.2.0^Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle.^O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape^^^^7.0.0 Added support for uppercase unit names.^kkey,@0 ofrom{smember,=FROMMEMBER blongitude_latitude,=FROMLONLAT{dlongitude dlatitude}} oby{bcircle{dradius,=BYRADIUS ounit{pm,=M pkm,=KM pft,=FT pmi,=MI}} bbox{dwidth,=BYBOX dheight ounit{pm,=M pkm,=KM pft,=FT pmi,=MI}}} oorder,?{pasc,=ASC pdesc,=DESC} bcount,?{icount,=COUNT pany,=ANY,?} pwithcoord,=WITHCOORD,? pwithdist,=WITHDIST,? pwithhash,=WITHHASH,?
geosearchstore^geo^6.2.0^Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle, and store the result in another key.^O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape^^^^7.0.0 Added support for uppercase unit names.^kdestination,@0 ksource,@1 ofrom{smember,=FROMMEMBER blongitude_latitude,=FROMLONLAT{dlongitude dlatitude}} oby{bcircle{dradius,=BYRADIUS ounit{pm,=M pkm,=KM pft,=FT pmi,=MI}} bbox{dwidth,=BYBOX dheight ounit{pm,=M pkm,=KM pft,=FT pmi,=MI}}} oorder,?{pasc,=ASC pdesc,=DESC} bcount,?{icount,=COUNT pany,=ANY,?} pstoredist,=STOREDIST,?
get^string^1.0.0^Get the value of a key^O(1)^^^^^kkey,@0
getbit^bitmap^2.2.0^Returns the bit value at offset in the string value stored at key^O(1)^^^^^kkey,@0 ioffset
getdel^string^6.2.0^Get the value of a key and delete the key^O(1)^^^^^kkey,@0
getex^string^6.2.0^Get the value of a key and optionally set its expiration^O(1)^^^^^kkey,@0 oexpiration,?{iseconds,=EX imilliseconds,=PX uunix-time-seconds,=EXAT uunix-time-milliseconds,=PXAT ppersist,=PERSIST}
getrange^string^2.4.0^Get a substring of the string stored at a key^O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.^^^^^kkey,@0 istart iend
getset^string^1.0.0^Set the string value of a key and return its old value^O(1)^d^6.2.0^\`SET\` with the \`!GET\` argument^^kkey,@0 svalue
hdel^hash^2.0.0^Delete one or more hash fields^O(N) where N is the number of fields to be removed.^^^^2.4.0 Accepts multiple \`field\` arguments.^kkey,@0 sfield,*
hello^connection^6.0.0^Handshake with Redis^O(1)^^^^6.2.0 \`protover\` made optional; when called without arguments the command reports the current connection's context.^barguments,?{iprotover busername_password,=AUTH,?{susername spassword} sclientname,=SETNAME,?}
hexists^hash^2.0.0^Determine if a hash field exists^O(1)^^^^^kkey,@0 sfield
hget^hash^2.0.0^Get the value of a hash field^O(1)^^^^^kkey,@0 sfield
hgetall^hash^2.0.0^Get all the fields and values in a hash^O(N) where N is the size of the hash.^^^^^kkey,@0
hincrby^hash^2.0.0^Increment the integer value of a hash field by the given number^O(1)^^^^^kkey,@0 sfield iincrement
hincrbyfloat^hash^2.6.0^Increment the float value of a hash field by the given amount^O(1)^^^^^kkey,@0 sfield dincrement
hkeys^hash^2.0.0^Get all the fields in a hash^O(N) where N is the size of the hash.^^^^^kkey,@0
hlen^hash^2.0.0^Get the number of fields in a hash^O(1)^^^^^kkey,@0
hmget^hash^2.0.0^Get the values of all the given hash fields^O(N) where N is the number of fields being requested.^^^^^kkey,@0 sfield,*
hmset^hash^2.0.0^Set multiple hash fields to multiple values^O(N) where N is the number of fields being set.^d^4.0.0^\`HSET\` with multiple field-value pairs^^kkey,@0 bfield_value,*{sfield svalue}
hrandfield^hash^6.2.0^Get one or multiple random fields from a hash^O(N) where N is the number of fields returned^^^^^kkey,@0 boptions,?{icount pwithvalues,=WITHVALUES,?}
hscan^hash^2.8.0^Incrementally iterate hash fields and associated values^O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..^^^^^kkey,@0 icursor apattern,=MATCH,? icount,=COUNT,?
hset^hash^2.0.0^Set the string value of a hash field^O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.^^^^4.0.0 Accepts multiple \`field\` and \`value\` arguments.^kkey,@0 bfield_value,*{sfield svalue}
hsetnx^hash^2.0.0^Set the value of a hash field, only if the field does not exist^O(1)^^^^^kkey,@0 sfield svalue
hstrlen^hash^3.2.0^Get the length of the value of a hash field^O(1)^^^^^kkey,@0 sfield
hvals^hash^2.0.0^Get all the values in a hash^O(N) where N is the size of the hash.^^^^^kkey,@0
incr^string^1.0.0^Increment the integer value of a key by one^O(1)^^^^^kkey,@0
incrby^string^1.0.0^Increment the integer value of a key by the given amount^O(1)^^^^^kkey,@0 iincrement
incrbyfloat^string^2.6.0^Increment the float value of a key by the given amount^O(1)^^^^^kkey,@0 dincrement
info^server^1.0.0^Get information and statistics about the server^O(1)^^^^7.0.0 Added support for taking multiple section arguments.^ssection,?*
keys^generic^1.0.0^Find all keys matching the given pattern^O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.^^^^^apattern
lastsave^server^1.0.0^Get the UNIX time stamp of the last successful save to disk^O(1)
latency^server^2.8.13^A container for latency diagnostics commands^Depends on subcommand.
latency|doctor^server^2.8.13^Return a human readable latency analysis report.^O(1)
latency|graph^server^2.8.13^Return a latency graph for the event.^O(1)^^^^^sevent
latency|help^server^2.8.13^Show helpful text about the different subcommands.^O(1)
latency|histogram^server^7.0.0^Return the cumulative distribution of latencies of a subset of commands or all.^O(N) where N is the number of commands with latency information being retrieved.^^^^^scommand,?*
latency|history^server^2.8.13^Return timestamp-latency samples for the event.^O(1)^^^^^sevent
latency|latest^server^2.8.13^Return the latest latency samples for all events.^O(1)
latency|reset^server^2.8.13^Reset latency data for one or more events.^O(1)^^^^^sevent,?*
lcs^string^7.0.0^Find longest common substring^O(N*M) where N and M are the lengths of s1 and s2, respectively^^^^^kkey1,@0 kkey2,@0 plen,=LEN,? pidx,=IDX,? ilen,=MINMATCHLEN,? pwithmatchlen,=WITHMATCHLEN,?
lindex^list^1.0.0^Get an element from a list by its index^O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).^^^^^kkey,@0 iindex
linsert^list^2.2.0^Insert an element before or after another element in a list^O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).^^^^^kkey,@0 owhere{pbefore,=BEFORE pafter,=AFTER} spivot selement
llen^list^1.0.0^Get the length of a list^O(1)^^^^^kkey,@0
lmove^list^6.2.0^Pop an element from a list, push it to another list and return it^O(1)^^^^^ksource,@0 kdestination,@1 owherefrom{pleft,=LEFT pright,=RIGHT} owhereto{pleft,=LEFT pright,=RIGHT}
lmpop^list^7.0.0^Pop elements from a list^O(N+M) where N is the number of provided keys and M is the number of elements returned.^^^^^inumkeys kkey,@0,* owhere{pleft,=LEFT pright,=RIGHT} icount,=COUNT,?
lolwut^server^5.0.0^Display some computer art and the Redis version^^^^^^iversion,=VERSION,?
lpop^list^1.0.0^Remove and get the first elements in a list^O(N) where N is the number of elements returned^^^^6.2.0 Added the \`count\` argument.^kkey,@0 icount,+6.2.0,?
lpos^list^6.0.6^Return the index of matching elements on a list^O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.^^^^^kkey,@0 selement irank,=RANK,? inum-matches,=COUNT,? ilen,=MAXLEN,?
lpush^list^1.0.0^Prepend one or multiple elements to a list^O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.^^^^2.4.0 Accepts multiple \`element\` arguments.^kkey,@0 selement,*
lpushx^list^2.2.0^Prepend an element to a list, only if the list exists^O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.^^^^4.0.0 Accepts multiple \`element\` arguments.^kkey,@0 selement,*
lrange^list^1.0.0^Get a range of elements from a list^O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.^^^^^kkey,@0 istart istop
lrem^list^1.0.0^Remove elements from a list^O(N+M) where N is the length of the list and M is the number of elements removed.^^^^^kkey,@0 icount selement
lset^list^1.0.0^Set the value of an element in a list by its index^O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).^^^^^kkey,@0 iindex selement
ltrim^list^1.0.0^Trim a list to the specified range^O(N) where N is the number of elements to be removed by the operation.^^^^^kkey,@0 istart istop
memory^server^4.0.0^A container for memory diagnostics commands^Depends on subcommand.
memory|doctor^server^4.0.0^Outputs memory problems report^O(1)
memory|help^server^4.0.0^Show helpful text about the different subcommands^O(1)
memory|malloc-stats^server^4.0.0^Show allocator internal stats^Depends on how much memory is allocated, could be slow
memory|purge^server^4.0.0^Ask the allocator to release memory^Depends on how much memory is allocated, could be slow
memory|stats^server^4.0.0^Show memory usage details^O(1)
memory|usage^server^4.0.0^Estimate the memory usage of a key^O(N) where N is the number of samples.^^^^^kkey,@0 icount,=SAMPLES,?
mget^string^1.0.0^Get the values of all the given keys^O(N) where N is the number of keys to retrieve.^^^^^kkey,@0,*
migrate^generic^2.6.0^Atomically transfer a key from a Redis instance to another one.^This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.^^^^3.0.0 Added the \`COPY\` and \`REPLACE\` options.;3.0.6 Added the \`KEYS\` option.;4.0.7 Added the \`AUTH\` option.;6.0.0 Added the \`AUTH2\` option.^shost iport okey_or_empty_string{kkey,@0 pempty_string,=} idestination-db itimeout pcopy,=COPY,+3.0.0,? preplace,=REPLACE,+3.0.0,? oauthentication,?{spassword,=AUTH,+4.0.7,? busername_password,=AUTH2,+6.0.0,?{susername spassword}} kkey,@1,=KEYS,+3.0.6,?*
module^server^4.0.0^A container for module commands^Depends on subcommand.
module|help^server^5.0.0^Show helpful text about the different subcommands^O(1)
module|list^server^4.0.0^List all modules loaded by the server^O(N) where N is the number of loaded modules.
module|load^server^4.0.0^Load a module^O(1)^^^^^spath sarg,?*
module|loadex^server^7.0.0^Load a module with extended parameters^O(1)^^^^^spath bconfigs,=CONFIG,?*!{sname svalue} bargs,=ARGS,?*{sarg}
module|unload^server^4.0.0^Unload a module^O(1)^^^^^sname
monitor^server^1.0.0^Listen for all requests received by the server in real time
move^generic^1.0.0^Move a key to another database^O(1)^^^^^kkey,@0 idb
mset^string^1.0.1^Set multiple keys to multiple values^O(N) where N is the number of keys to set.^^^^^bkey_value,*{kkey,@0 svalue}
msetnx^string^1.0.1^Set multiple keys to multiple values, only if none of the keys exist^O(N) where N is the number of keys to set.^^^^^bkey_value,*{kkey,@0 svalue}
multi^transactions^1.2.0^Mark the start of a transaction block^O(1)
object^generic^2.2.3^A container for object introspection commands^Depends on subcommand.
object|encoding^generic^2.2.3^Inspect the internal encoding of a Redis object^O(1)^^^^^kkey,@0
object|freq^generic^4.0.0^Get the logarithmic access frequency counter of a Redis object^O(1)^^^^^kkey,@0
object|help^generic^6.2.0^Show helpful text about the different subcommands^O(1)
object|idletime^generic^2.2.3^Get the time since a Redis object was last accessed^O(1)^^^^^kkey,@0
object|refcount^generic^2.2.3^Get the number of references to the value of the key^O(1)^^^^^kkey,@0
persist^generic^2.2.0^Remove the expiration from a key^O(1)^^^^^kkey,@0
pexpire^generic^2.6.0^Set a key's time to live in milliseconds^O(1)^^^^7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.^kkey,@0 imilliseconds ocondition,+7.0.0,?{pnx,=NX pxx,=XX pgt,=GT plt,=LT}
pexpireat^generic^2.6.0^Set the expiration for a key as a UNIX timestamp specified in milliseconds^O(1)^^^^7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.^kkey,@0 uunix-time-milliseconds ocondition,+7.0.0,?{pnx,=NX pxx,=XX pgt,=GT plt,=LT}
pexpiretime^generic^7.0.0^Get the expiration Unix timestamp for a key in milliseconds^O(1)^^^^^kkey,@0
pfadd^hyperloglog^2.8.9^Adds the specified elements to the specified HyperLogLog.^O(1) to add every element.^^^^^kkey,@0 selement,?*
pfcount^hyperloglog^2.8.9^Return the approximated cardinality of the set(s) observed by the HyperLogLog at key(s).^O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.^^^^^kkey,@0,*
pfdebug^hyperloglog^2.8.9^Internal commands for debugging HyperLogLog values^N/A^s^^^^ssubcommand kkey,@0
pfmerge^hyperloglog^2.8.9^Merge N different HyperLogLogs into a single one.^O(N) to merge N HyperLogLogs, but with high constant times.^^^^^kdestkey,@0 ksourcekey,@1,*
pfselftest^hyperloglog^2.8.9^An internal command for testing HyperLogLog values^N/A^s
ping^connection^1.0.0^Ping the server^O(1)^^^^^smessage,?
psetex^string^2.6.0^Set the value and expiration in milliseconds of a key^O(1)^^^^^kkey,@0 imilliseconds svalue
psubscribe^pubsub^2.0.0^Listen for messages published to channels matching the given patterns^O(N) where N is the number of patterns the client is already subscribed to.^^^^^bpattern,*{apattern}
psync^server^2.8.0^Internal command used for replication^^^^^^sreplicationid ioffset
pttl^generic^2.6.0^Get the time to live for a key in milliseconds^O(1)^^^^2.8.0 Added the -2 reply.^kkey,@0
publish^pubsub^2.0.0^Post a message to a channel^O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).^^^^^schannel smessage
pubsub^pubsub^2.8.0^A container for Pub/Sub commands^Depends on subcommand.
pubsub|channels^pubsub^2.8.0^List active channels^O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)^^^^^apattern,?
pubsub|help^pubsub^6.2.0^Show helpful text about the different subcommands^O(1)
pubsub|numpat^pubsub^2.8.0^Get the count of unique patterns pattern subscriptions^O(1)
pubsub|numsub^pubsub^2.8.0^Get the count of subscribers for channels^O(N) for the NUMSUB subcommand, where N is the number of requested channels^^^^^schannel,?*
pubsub|shardchannels^pubsub^7.0.0^List active shard channels^O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).^^^^^apattern,?
pubsub|shardnumsub^pubsub^7.0.0^Get the count of subscribers for shard channels^O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels^^^^^sshardchannel,?*
punsubscribe^pubsub^2.0.0^Stop listening for messages posted to channels matching the given patterns^O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).^^^^^apattern,?*
quit^connection^1.0.0^Close the connection^O(1)
randomkey^generic^1.0.0^Return a random key from the keyspace^O(1)
readonly^cluster^3.0.0^Enables read queries for a connection to a cluster replica node^O(1)
readwrite^cluster^3.0.0^Disables read queries for a connection to a cluster replica node^O(1)
rename^generic^1.0.0^Rename a key^O(1)^^^^^kkey,@0 knewkey,@1
renamenx^generic^1.0.0^Rename a key, only if the new key does not exist^O(1)^^^^3.2.0 The command no longer returns an error when source and destination names are the same.^kkey,@0 knewkey,@1
replconf^server^3.0.0^An internal command for configuring the replication stream^O(1)^s
replicaof^server^5.0.0^Make the server a replica of another instance, or promote it as master.^O(1)^^^^^oargs{bhost-port{shost iport} bno-one{pno,=NO pone,=ONE}}
reset^connection^6.2.0^Reset the connection^O(1)
restore-asking^server^3.0.0^An internal command for migrating keys in a cluster^O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).^s^^^3.0.0 Added the \`REPLACE\` modifier.;5.0.0 Added the \`ABSTTL\` modifier.;5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.^kkey,@0 ittl sserialized-value preplace,=REPLACE,+3.0.0,? pabsttl,=ABSTTL,+5.0.0,? iseconds,=IDLETIME,+5.0.0,? ifrequency,=FREQ,+5.0.0,?
restore^generic^2.6.0^Create a key using the provided serialized value, previously obtained using DUMP.^O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).^^^^3.0.0 Added the \`REPLACE\` modifier.;5.0.0 Added the \`ABSTTL\` modifier.;5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.^kkey,@0 ittl sserialized-value preplace,=REPLACE,+3.0.0,? pabsttl,=ABSTTL,+5.0.0,? iseconds,=IDLETIME,+5.0.0,? ifrequency,=FREQ,+5.0.0,?
role^server^2.8.12^Return the role of the instance in the context of replication^O(1)
rpop^list^1.0.0^Remove and get the last elements in a list^O(N) where N is the number of elements returned^^^^6.2.0 Added the \`count\` argument.^kkey,@0 icount,+6.2.0,?
rpoplpush^list^1.2.0^Remove the last element in a list, prepend it to another list and return it^O(1)^d^6.2.0^\`LMOVE\` with the \`RIGHT\` and \`LEFT\` arguments^^ksource,@0 kdestination,@1
rpush^list^1.0.0^Append one or multiple elements to a list^O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.^^^^2.4.0 Accepts multiple \`element\` arguments.^kkey,@0 selement,*
rpushx^list^2.2.0^Append an element to a list, only if the list exists^O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.^^^^4.0.0 Accepts multiple \`element\` arguments.^kkey,@0 selement,*
sadd^set^1.0.0^Add one or more members to a set^O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.^^^^2.4.0 Accepts multiple \`member\` arguments.^kkey,@0 smember,*
save^server^1.0.0^Synchronously save the dataset to disk^O(N) where N is the total number of keys in all databases
scan^generic^2.8.0^Incrementally iterate the keys space^O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.^^^^6.0.0 Added the \`TYPE\` subcommand.^icursor apattern,=MATCH,? icount,=COUNT,? stype,=TYPE,+6.0.0,?
scard^set^1.0.0^Get the number of members in a set^O(1)^^^^^kkey,@0
script^scripting^2.6.0^A container for Lua scripts management commands^Depends on subcommand.
script|debug^scripting^3.2.0^Set the debug mode for executed scripts.^O(1)^^^^^omode{pyes,=YES psync,=SYNC pno,=NO}
script|exists^scripting^2.6.0^Check existence of scripts in the script cache.^O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).^^^^^ssha1,*
script|flush^scripting^2.6.0^Remove all the scripts from the script cache.^O(N) with N being the number of scripts in cache^^^^6.2.0 Added the \`ASYNC\` and \`SYNC\` flushing mode modifiers.^oasync,+6.2.0,?{pasync,=ASYNC psync,=SYNC}
script|help^scripting^5.0.0^Show helpful text about the different subcommands^O(1)
script|kill^scripting^2.6.0^Kill the script currently in execution.^O(1)
script|load^scripting^2.6.0^Load the specified Lua script into the script cache.^O(N) with N being the length in bytes of the script body.^^^^^sscript
sdiff^set^1.0.0^Subtract multiple sets^O(N) where N is the total number of elements in all given sets.^^^^^kkey,@0,*
sdiffstore^set^1.0.0^Subtract multiple sets and store the resulting set in a key^O(N) where N is the total number of elements in all given sets.^^^^^kdestination,@0 kkey,@1,*
select^connection^1.0.0^Change the selected database for the current connection^O(1)^^^^^iindex
set^string^1.0.0^Set the string value of a key^O(1)^^^^2.6.12 Added the \`EX\`, \`PX\`, \`NX\` and \`XX\` options.;6.0.0 Added the \`KEEPTTL\` option.;6.2.0 Added the \`GET\`, \`EXAT\` and \`PXAT\` option.;7.0.0 Allowed the \`NX\` and \`GET\` options to be used together.^kkey,@0 svalue ocondition,+2.6.12,?{pnx,=NX pxx,=XX} pget,=GET,+6.2.0,? oexpiration,?{iseconds,=EX,+2.6.12 imilliseconds,=PX,+2.6.12 uunix-time-seconds,=EXAT,+6.2.0 uunix-time-milliseconds,=PXAT,+6.2.0 pkeepttl,=KEEPTTL,+6.0.0}
setbit^bitmap^2.2.0^Sets or clears the bit at offset in the string value stored at key^O(1)^^^^^kkey,@0 ioffset ivalue
setex^string^2.0.0^Set the value and expiration of a key^O(1)^^^^^kkey,@0 iseconds svalue
setnx^string^1.0.0^Set the value of a key, only if the key does not exist^O(1)^^^^^kkey,@0 svalue
setrange^string^2.2.0^Overwrite part of a string at key starting at the specified offset^O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.^^^^^kkey,@0 ioffset svalue
shutdown^server^1.0.0^Synchronously save the dataset to disk and then shut down the server^O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)^^^^7.0.0 Added the \`NOW\`, \`FORCE\` and \`ABORT\` modifiers.^onosave_save,?{pnosave,=NOSAVE psave,=SAVE} pnow,=NOW,+7.0.0,? pforce,=FORCE,+7.0.0,? pabort,=ABORT,+7.0.0,?
sinter^set^1.0.0^Intersect multiple sets^O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.^^^^^kkey,@0,*
sintercard^set^7.0.0^Intersect multiple sets and return the cardinality of the result^O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.^^^^^inumkeys kkey,@0,* ilimit,=LIMIT,?
sinterstore^set^1.0.0^Intersect multiple sets and store the resulting set in a key^O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.^^^^^kdestination,@0 kkey,@1,*
sismember^set^1.0.0^Determine if a given value is a member of a set^O(1)^^^^^kkey,@0 smember
slaveof^server^1.0.0^Make the server a replica of another instance, or promote it as master.^O(1)^d^5.0.0^\`REPLICAOF\`^^oargs{bhost-port{shost iport} bno-one{pno,=NO pone,=ONE}}
slowlog^server^2.2.12^A container for slow log commands^Depends on subcommand.
slowlog|get^server^2.2.12^Get the slow log's entries^O(N) where N is the number of entries returned^^^^4.0.0 Added client IP address, port and name to the reply.^icount,?
slowlog|help^server^6.2.0^Show helpful text about the different subcommands^O(1)
slowlog|len^server^2.2.12^Get the slow log's length^O(1)
slowlog|reset^server^2.2.12^Clear all entries from the slow log^O(N) where N is the number of entries in the slowlog
smembers^set^1.0.0^Get all the members in a set^O(N) where N is the set cardinality.^^^^^kkey,@0
smismember^set^6.2.0^Returns the membership associated with the given elements for a set^O(N) where N is the number of elements being checked for membership^^^^^kkey,@0 smember,*
smove^set^1.0.0^Move a member from one set to another^O(1)^^^^^ksource,@0 kdestination,@1 smember
sort^generic^1.0.0^Sort the elements in a list, set or sorted set^O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).^^^^^kkey,@0 apattern,@1,=BY,? boffset_count,=LIMIT,?{ioffset icount} apattern,@1,=GET,?*! oorder,?{pasc,=ASC pdesc,=DESC} psorting,=ALPHA,? kdestination,@2,=STORE,?
sort_ro^generic^7.0.0^Sort the elements in a list, set or sorted set. Read-only variant of SORT.^O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).^^^^^kkey,@0 apattern,@1,=BY,? boffset_count,=LIMIT,?{ioffset icount} apattern,@1,=GET,?*! oorder,?{pasc,=ASC pdesc,=DESC} psorting,=ALPHA,?
spop^set^1.0.0^Remove and return one or multiple random members from a set^Without the count argument O(1), otherwise O(N) where N is the value of the passed count.^^^^3.2.0 Added the \`count\` argument.^kkey,@0 icount,+3.2.0,?
spublish^pubsub^7.0.0^Post a message to a shard channel^O(N) where N is the number of clients subscribed to the receiving shard channel.^^^^^sshardchannel smessage
srandmember^set^1.0.0^Get one or multiple random members from a set^Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.^^^^2.6.0 Added the optional \`count\` argument.^kkey,@0 icount,+2.6.0,?
srem^set^1.0.0^Remove one or more members from a set^O(N) where N is the number of members to be removed.^^^^2.4.0 Accepts multiple \`member\` arguments.^kkey,@0 smember,*
sscan^set^2.8.0^Incrementally iterate Set elements^O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..^^^^^kkey,@0 icursor apattern,=MATCH,? icount,=COUNT,?
ssubscribe^pubsub^7.0.0^Listen for messages published to the given shard channels^O(N) where N is the number of shard channels to subscribe to.^^^^^sshardchannel,*
strlen^string^2.2.0^Get the length of the value stored in a key^O(1)^^^^^kkey,@0
subscribe^pubsub^2.0.0^Listen for messages published to the given channels^O(N) where N is the number of channels to subscribe to.^^^^^schannel,*
substr^string^1.0.0^Get a substring of the string stored at a key^O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.^d^2.0.0^\`GETRANGE\`^^kkey,@0 istart iend
sunion^set^1.0.0^Add multiple sets^O(N) where N is the total number of elements in all given sets.^^^^^kkey,@0,*
sunionstore^set^1.0.0^Add multiple sets and store the resulting set in a key^O(N) where N is the total number of elements in all given sets.^^^^^kdestination,@0 kkey,@1,*
sunsubscribe^pubsub^7.0.0^Stop listening for messages posted to the given shard channels^O(N) where N is the number of clients already subscribed to a shard channel.^^^^^sshardchannel,?*
swapdb^server^4.0.0^Swaps two Redis databases^O(N) where N is the count of clients watching or blocking on keys from both databases.^^^^^iindex1 iindex2
sync^server^1.0.0^Internal command used for replication
time^server^2.6.0^Return the current server time^O(1)
touch^generic^3.2.1^Alters the last access time of a key(s). Returns the number of existing keys specified.^O(N) where N is the number of keys that will be touched.^^^^^kkey,@0,*
ttl^generic^1.0.0^Get the time to live for a key in seconds^O(1)^^^^2.8.0 Added the -2 reply.^kkey,@0
type^generic^1.0.0^Determine the type stored at key^O(1)^^^^^kkey,@0
unlink^generic^4.0.0^Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.^O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.^^^^^kkey,@0,*
unsubscribe^pubsub^2.0.0^Stop listening for messages posted to the given channels^O(N) where N is the number of clients already subscribed to a channel.^^^^^schannel,?*
unwatch^transactions^2.2.0^Forget about all watched keys^O(1)
wait^generic^3.0.0^Wait for the synchronous replication of all the write commands sent in the context of the current connection^O(1)^^^^^inumreplicas itimeout
watch^transactions^2.2.0^Watch the given keys to determine execution of the MULTI/EXEC block^O(1) for every key.^^^^^kkey,@0,*
xack^stream^5.0.0^Marks a pending message as correctly processed, effectively removing it from the pending entries list of the consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs we were actually able to resolve in the PEL.^O(1) for each message ID processed.^^^^^kkey,@0 sgroup sid,*
xadd^stream^5.0.0^Appends a new entry to a stream^O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.^^^^6.2.0 Added the \`NOMKSTREAM\` option, \`MINID\` trimming strategy and the \`LIMIT\` option.;7.0.0 Added support for the \`<ms>-*\` explicit ID form.^kkey,@0 pnomkstream,=NOMKSTREAM,+6.2.0,? btrim,?{ostrategy{pmaxlen,=MAXLEN pminid,=MINID,+6.2.0} ooperator,?{pequal,== papproximately,=~} sthreshold icount,=LIMIT,+6.2.0,?} oid_or_auto{pauto_id,=* sid} bfield_value,*{sfield svalue}
xautoclaim^stream^6.2.0^Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the specified consumer.^O(1) if COUNT is small.^^^^7.0.0 Added an element to the reply array, containing deleted entries the command cleared from the PEL^kkey,@0 sgroup sconsumer smin-idle-time sstart icount,=COUNT,? pjustid,=JUSTID,?
xclaim^stream^5.0.0^Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the specified consumer.^O(log N) with N being the number of messages in the PEL of the consumer group.^^^^^kkey,@0 sgroup sconsumer smin-idle-time sid,* ims,=IDLE,? uunix-time-milliseconds,=TIME,? icount,=RETRYCOUNT,? pforce,=FORCE,? pjustid,=JUSTID,? sid,=LASTID,?
xdel^stream^5.0.0^Removes the specified entries from the stream. Returns the number of items actually deleted, that may be different from the number of IDs passed in case certain IDs do not exist.^O(1) for each single item to delete in the stream, regardless of the stream size.^^^^^kkey,@0 sid,*
xgroup^stream^5.0.0^A container for consumer groups commands^Depends on subcommand.
xgroup|create^stream^5.0.0^Create a consumer group.^O(1)^^^^7.0.0 Added the \`entries_read\` named argument.^kkey,@0 sgroupname oid{sid pnew_id,=\$} pmkstream,=MKSTREAM,? ientries_read,=ENTRIESREAD,?
xgroup|createconsumer^stream^6.2.0^Create a consumer in a consumer group.^O(1)^^^^^kkey,@0 sgroupname sconsumername
xgroup|delconsumer^stream^5.0.0^Delete a consumer from a consumer group.^O(1)^^^^^kkey,@0 sgroupname sconsumername
xgroup|destroy^stream^5.0.0^Destroy a consumer group.^O(N) where N is the number of entries in the group's pending entries list (PEL).^^^^^kkey,@0 sgroupname
xgroup|help^stream^5.0.0^Show helpful text about the different subcommands^O(1)
xgroup|setid^stream^5.0.0^Set a consumer group to an arbitrary last delivered ID value.^O(1)^^^^7.0.0 Added the optional \`entries_read\` argument.^kkey,@0 sgroupname oid{sid pnew_id,=\$} ientries_read,=ENTRIESREAD,?
xinfo^stream^5.0.0^A container for stream introspection commands^Depends on subcommand.
xinfo|consumers^stream^5.0.0^List the consumers in a consumer group^O(1)^^^^^kkey,@0 sgroupname
xinfo|groups^stream^5.0.0^List the consumer groups of a stream^O(1)^^^^7.0.0 Added the \`entries-read\` and \`lag\` fields^kkey,@0
xinfo|help^stream^5.0.0^Show helpful text about the different subcommands^O(1)
xinfo|stream^stream^5.0.0^Get information about a stream^O(1)^^^^6.0.0 Added the \`FULL\` modifier.;7.0.0 Added the \`max-deleted-entry-id\`, \`entries-added\`, \`recorded-first-entry-id\`, \`entries-read\` and \`lag\` fields^kkey,@0 bfull,=FULL,?{icount,=COUNT,?}
xlen^stream^5.0.0^Return the number of entries in a stream^O(1)^^^^^kkey,@0
xpending^stream^5.0.0^Return information and entries from a stream consumer group pending entries list, that are messages fetched but never acknowledged.^O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.^^^^6.2.0 Added the \`IDLE\` option and exclusive range intervals.^kkey,@0 sgroup bfilters,?{imin-idle-time,=IDLE,+6.2.0,? sstart send icount sconsumer,?}
xrange^stream^5.0.0^Return a range of elements in a stream, with IDs matching the specified IDs interval^O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).^^^^6.2.0 Added exclusive ranges.^kkey,@0 sstart send icount,=COUNT,?
xread^stream^5.0.0^Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for each stream. Can block.^For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.^^^^^icount,=COUNT,? imilliseconds,=BLOCK,? bstreams,=STREAMS{kkey,@0,* sid,*}
xreadgroup^stream^5.0.0^Return new entries from a stream using a consumer group, or access the history of the pending entries for a given consumer. Can block.^For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.^^^^^bgroup_consumer,=GROUP{sgroup sconsumer} icount,=COUNT,? imilliseconds,=BLOCK,? pnoack,=NOACK,? bstreams,=STREAMS{kkey,@0,* sid,*}
xrevrange^stream^5.0.0^Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from greater to smaller IDs) compared to XRANGE^O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).^^^^6.2.0 Added exclusive ranges.^kkey,@0 send sstart icount,=COUNT,?
xsetid^stream^5.0.0^An internal command for replicating stream values^O(1)^^^^7.0.0 Added the \`entries_added\` and \`max_deleted_entry_id\` arguments.^kkey,@0 slast-id ientries_added,=ENTRIESADDED,+7.0.0,? smax_deleted_entry_id,=MAXDELETEDID,+7.0.0,?
xtrim^stream^5.0.0^Trims the stream to (approximately if '~' is passed) a certain size^O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.^^^^6.2.0 Added the \`MINID\` trimming strategy and the \`LIMIT\` option.^kkey,@0 btrim{ostrategy{pmaxlen,=MAXLEN pminid,=MINID,+6.2.0} ooperator,?{pequal,== papproximately,=~} sthreshold icount,=LIMIT,+6.2.0,?}
zadd^sorted-set^1.2.0^Add one or more members to a sorted set, or update its score if it already exists^O(log(N)) for each item added, where N is the number of elements in the sorted set.^^^^2.4.0 Accepts multiple elements.;3.0.2 Added the \`XX\`, \`NX\`, \`CH\` and \`INCR\` options.;6.2.0 Added the \`GT\` and \`LT\` options.^kkey,@0 ocondition,+3.0.2,?{pnx,=NX pxx,=XX} ocomparison,+6.2.0,?{pgt,=GT plt,=LT} pchange,=CH,+3.0.2,? pincrement,=INCR,+3.0.2,? bscore_member,*{dscore smember}
zcard^sorted-set^1.2.0^Get the number of members in a sorted set^O(1)^^^^^kkey,@0
zcount^sorted-set^2.0.0^Count the members in a sorted set with scores within the given values^O(log(N)) with N being the number of elements in the sorted set.^^^^^kkey,@0 dmin dmax
zdiff^sorted-set^6.2.0^Subtract multiple sorted sets^O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.^^^^^inumkeys kkey,@0,* pwithscores,=WITHSCORES,?
zdiffstore^sorted-set^6.2.0^Subtract multiple sorted sets and store the resulting sorted set in a new key^O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.^^^^^kdestination,@0 inumkeys kkey,@1,*
zincrby^sorted-set^1.2.0^Increment the score of a member in a sorted set^O(log(N)) where N is the number of elements in the sorted set.^^^^^kkey,@0 iincrement smember
zinter^sorted-set^6.2.0^Intersect multiple sorted sets^O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.^^^^^inumkeys kkey,@0,* iweight,=WEIGHTS,?* oaggregate,=AGGREGATE,?{psum,=SUM pmin,=MIN pmax,=MAX} pwithscores,=WITHSCORES,?
zintercard^sorted-set^7.0.0^Intersect multiple sorted sets and return the cardinality of the result^O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.^^^^^inumkeys kkey,@0,* ilimit,=LIMIT,?
zinterstore^sorted-set^2.0.0^Intersect multiple sorted sets and store the resulting sorted set in a new key^O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.^^^^^kdestination,@0 inumkeys kkey,@1,* iweight,=WEIGHTS,?* oaggregate,=AGGREGATE,?{psum,=SUM pmin,=MIN pmax,=MAX}
zlexcount^sorted-set^2.8.9^Count the number of members in a sorted set between a given lexicographical range^O(log(N)) with N being the number of elements in the sorted set.^^^^^kkey,@0 smin smax
zmpop^sorted-set^7.0.0^Remove and return members with scores in a sorted set^O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.^^^^^inumkeys kkey,@0,* owhere{pmin,=MIN pmax,=MAX} icount,=COUNT,?
zmscore^sorted-set^6.2.0^Get the score associated with the given members in a sorted set^O(N) where N is the number of members being requested.^^^^^kkey,@0 smember,*
zpopmax^sorted-set^5.0.0^Remove and return members with the highest scores in a sorted set^O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.^^^^^kkey,@0 icount,?
zpopmin^sorted-set^5.0.0^Remove and return members with the lowest scores in a sorted set^O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.^^^^^kkey,@0 icount,?
zrandmember^sorted-set^6.2.0^Get one or multiple random elements from a sorted set^O(N) where N is the number of elements returned^^^^^kkey,@0 boptions,?{icount pwithscores,=WITHSCORES,?}
zrange^sorted-set^1.2.0^Return a range of members in a sorted set^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.^^^^6.2.0 Added the \`REV\`, \`BYSCORE\`, \`BYLEX\` and \`LIMIT\` options.^kkey,@0 sstart sstop osortby,+6.2.0,?{pbyscore,=BYSCORE pbylex,=BYLEX} prev,=REV,+6.2.0,? boffset_count,=LIMIT,+6.2.0,?{ioffset icount} pwithscores,=WITHSCORES,?
zrangebylex^sorted-set^2.8.9^Return a range of members in a sorted set, by lexicographical range^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).^d^6.2.0^\`ZRANGE\` with the \`BYLEX\` argument^^kkey,@0 smin smax boffset_count,=LIMIT,?{ioffset icount}
zrangebyscore^sorted-set^1.0.5^Return a range of members in a sorted set, by score^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).^d^6.2.0^\`ZRANGE\` with the \`BYSCORE\` argument^2.0.0 Added the \`WITHSCORES\` modifier.^kkey,@0 dmin dmax pwithscores,=WITHSCORES,+2.0.0,? boffset_count,=LIMIT,?{ioffset icount}
zrangestore^sorted-set^6.2.0^Store a range of members from sorted set into another key^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.^^^^^kdst,@0 ksrc,@1 smin smax osortby,?{pbyscore,=BYSCORE pbylex,=BYLEX} prev,=REV,? boffset_count,=LIMIT,?{ioffset icount}
zrank^sorted-set^2.0.0^Determine the index of a member in a sorted set^O(log(N))^^^^7.2.0 Added the optional \`WITHSCORE\` argument.^kkey,@0 smember pwithscore,=WITHSCORE,?
zrem^sorted-set^1.2.0^Remove one or more members from a sorted set^O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.^^^^2.4.0 Accepts multiple elements.^kkey,@0 smember,*
zremrangebylex^sorted-set^2.8.9^Remove all members in a sorted set between the given lexicographical range^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.^^^^^kkey,@0 smin smax
zremrangebyrank^sorted-set^2.0.0^Remove all members in a sorted set within the given indexes^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.^^^^^kkey,@0 istart istop
zremrangebyscore^sorted-set^1.2.0^Remove all members in a sorted set within the given scores^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.^^^^^kkey,@0 dmin dmax
zrevrange^sorted-set^1.2.0^Return a range of members in a sorted set, by index, with scores ordered from high to low^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.^d^6.2.0^\`ZRANGE\` with the \`REV\` argument^^kkey,@0 istart istop pwithscores,=WITHSCORES,?
zrevrangebylex^sorted-set^2.8.9^Return a range of members in a sorted set, by lexicographical range, ordered from higher to lower strings.^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).^d^6.2.0^\`ZRANGE\` with the \`REV\` and \`BYLEX\` arguments^^kkey,@0 smax smin boffset_count,=LIMIT,?{ioffset icount}
zrevrangebyscore^sorted-set^2.2.0^Return a range of members in a sorted set, by score, with scores ordered from high to low^O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).^d^6.2.0^\`ZRANGE\` with the \`REV\` and \`BYSCORE\` arguments^2.1.6 \`min\` and \`max\` can be exclusive.^kkey,@0 dmax dmin pwithscores,=WITHSCORES,? boffset_count,=LIMIT,?{ioffset icount}
zrevrank^sorted-set^2.0.0^Determine the index of a member in a sorted set, with scores ordered from high to low^O(log(N))^^^^7.2.0 Added the optional \`WITHSCORE\` argument.^kkey,@0 smember pwithscore,=WITHSCORE,?
zscan^sorted-set^2.8.0^Incrementally iterate sorted sets elements and associated scores^O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..^^^^^kkey,@0 icursor apattern,=MATCH,? icount,=COUNT,?
zscore^sorted-set^1.2.0^Get the score associated with the given member in a sorted set^O(1)^^^^^kkey,@0 smember
zunion^sorted-set^6.2.0^Add multiple sorted sets^O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.^^^^^inumkeys kkey,@0,* iweight,=WEIGHTS,?* oaggregate,=AGGREGATE,?{psum,=SUM pmin,=MIN pmax,=MAX} pwithscores,=WITHSCORES,?
zunionstore^sorted-set^2.0.0^Add multiple sorted sets and store the resulting sorted set in a new key^O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.^^^^^kdestination,@0 inumkeys kkey,@1,* iweight,=WEIGHTS,?* oaggregate,=AGGREGATE,?{psum,=SUM pmin,=MIN pmax,=MAX}
`;
}
