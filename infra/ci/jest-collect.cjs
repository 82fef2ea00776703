// Before each test file: collects what earlier files of this worker have left, where it is much.
//
// The arena of a store takes a lot of address space and next to no heap, so that V8 sees no need to collect it. But a process that has
// as much of it mapped as the machine has memory cannot start another process any more (spawn ENOMEM).
const { existsSync, readFileSync } = require('node:fs');
const { totalmem } = require('node:os');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const status = '/proc/self/status';

const mappedKib = () => (existsSync(status) ? Number(/^VmData:\s+(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) : 0);

if (mappedKib() * 1024 > totalmem() / 4) {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
