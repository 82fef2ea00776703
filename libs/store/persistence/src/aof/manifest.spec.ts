import { EMPTY_MANIFEST, formatManifest, manifestFaultLines, parseManifest, withNewBase, withNewIncrement, withRewritten, withoutHistory } from './manifest';
import type { AofManifest } from './manifest';

const LINES = 'file a.aof.2.base.rdb seq 2 type b\nfile a.aof.1.base.rdb seq 1 type h\nfile a.aof.3.incr.aof seq 3 type i\nfile a.aof.4.incr.aof seq 4 type i\n';

function parsed(text: string): AofManifest {
  const read = parseManifest(text);
  if (read.fault !== undefined) throw new Error(read.fault.reason);
  return read.manifest;
}

const reasonOf = (text: string): string => manifestFaultLines(parseManifest(text).fault!).join('|');

describe('a manifest', () => {
  it('is written as it was read', () => {
    expect(formatManifest(parsed(LINES))).toBe(LINES);
    expect(parsed(LINES)).toMatchObject({ baseSeq: 2, incrementSeq: 4 });
  });

  it('passes over comments, words it does not know and the order of words', () => {
    expect(parsed('# a comment\nseq 7 x y TYPE incremental FILE n\n').increments).toEqual([{ name: 'n', seq: 7, type: 'i' }]);
  });

  it('keeps names with blanks and quotes', () => {
    const manifest: AofManifest = { ...EMPTY_MANIFEST, base: { name: 'my "aof"\n\xff.1', seq: 1, type: 'b' }, baseSeq: 1 };
    expect(formatManifest(manifest)).toBe('file "my \\"aof\\"\\n\\xff.1" seq 1 type b\n');
    expect(parsed(formatManifest(manifest))).toEqual(manifest);
    expect(parsed("file 'it\\'s' seq 1 type b\n").base?.name).toBe("it's");
  });

  it.each([
    ['', 'Found an empty AOF manifest'],
    ['file a seq 1 type b', 'The AOF manifest file contains too long line'],
    [`file ${'a'.repeat(1100)} seq 1 type b\n`, 'The AOF manifest file contains too long line'],
    ['\n', "Reading the manifest file, at line 1\n|>>> ''\n|Invalid AOF manifest file format"],
    ['file a seq 1\n', 'Invalid AOF manifest file format'],
    ['file a seq 1 type b x\n', 'Invalid AOF manifest file format'],
    ['file a seq 0 type b\n', 'Invalid AOF manifest file format'],
    ['file "a seq 1 type b\n', 'Invalid AOF manifest file format'],
    ['file d/a seq 1 type b\n', "File can't be a path, just a filename"],
    ['file a seq 1 type b\nfile b seq 2 type b\n', 'at line 2\n|>>> \'file b seq 2 type b\'\n|Found duplicate base file information'],
    ['file a seq 2 type i\nfile b seq 2 type i\n', 'Found a non-monotonic sequence number'],
    ['file a seq 2 type x\n', 'Unknown AOF file type'],
  ])('%j is refused in the words of Redis', (text, reason) => {
    expect(reasonOf(text)).toContain(reason);
  });

  it('turns what a rewrite made superfluous into history, newest first, and never uses a number twice', () => {
    let manifest = withNewIncrement(withNewBase(EMPTY_MANIFEST, 'a', 'rdb'), 'a');
    manifest = withNewIncrement(manifest, 'a'); // the rewrite begins
    manifest = withRewritten(withNewBase(manifest, 'a', 'aof'), 1);
    expect(formatManifest(manifest)).toBe('file a.2.base.aof seq 2 type b\nfile a.1.incr.aof seq 1 type h\nfile a.1.base.rdb seq 1 type h\nfile a.2.incr.aof seq 2 type i\n');
    expect(formatManifest(withoutHistory(manifest))).toBe('file a.2.base.aof seq 2 type b\nfile a.2.incr.aof seq 2 type i\n');
    expect(withNewIncrement(manifest, 'a').increments.at(-1)?.name).toBe('a.3.incr.aof');
  });
});
