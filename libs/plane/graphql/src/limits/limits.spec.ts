import { buildSchema, parse } from 'graphql';
import { SteppedClock } from '@larder/shared-std/testing';
import { defaultLimits, measure } from './cost';
import { meterOn } from './meter';
import { checkShape } from './shape';

const schema = buildSchema(`
  type Query { me: Person people(first: Int = 10): People }
  type Mutation { greet: Person }
  type People { nodes: [Person!]! }
  type Person { name: String friends(first: Int = 20): People }
`);
const cost = (query: string, variables: Record<string, unknown> = {}) => {
  const verdict = measure(schema, parse(query), variables);
  return verdict.ok ? verdict.cost : verdict.code;
};

describe('the cost of a query', () => {
  it('counts objects, times the pages around them', () => {
    expect(cost('{ me { name } }')).toBe(2);
    expect(cost('{ people { nodes { name } } }')).toBe(1 + 1 + 10);
    expect(cost('{ people(first: 3) { nodes { friends { nodes { name } } } } }')).toBe(1 + 1 + 3 * (1 + 1 + 20));
    expect(cost('mutation { greet { name } }')).toBe(2 + 10);
  });
  it('takes the size of a page from variables and their defaults', () => {
    expect(cost('query ($n: Int) { people(first: $n) { nodes { name } } }', { n: 50 })).toBe(52);
    expect(cost('query ($n: Int = 5) { people(first: $n) { nodes { name } } }')).toBe(7);
    expect(cost('query ($n: Int) { people(first: $n) { nodes { name } } }')).toBe(12);
    expect(cost('query ($n: Int) { people(first: $n) { nodes { name } } }', { n: 1e9 })).toBe(102);
  });
  it('charges a fragment wherever it is spread', () => {
    const fragment = 'fragment f on Person { friends(first: 1) { nodes { name } } }';
    expect(cost(`{ me { ...f } people(first: 2) { nodes { ...f } } } ${fragment}`)).toBe(1 + (1 + 2) + (1 + 2 * (1 + 2)));
  });
  it('ends at the first limit', () => {
    const deep = `{ me ${'{ friends(first: 1) { nodes '.repeat(10)}{ name }${' } }'.repeat(10)} }`;
    expect(cost(deep)).toBe('TOO_COMPLEX');
    expect(cost(`{ ${Array.from({ length: defaultLimits.aliasesMax + 1 }, (_, index) => `a${index}: me { name }`).join(' ')} }`)).toBe('TOO_COMPLEX');
    expect(cost('{ me { ...f } } fragment f on Person { ...f }')).toBe('TOO_COMPLEX');
    const doubling = Array.from({ length: 40 }, (_, index) => `fragment f${index} on Person { ...f${index + 1} ...f${index + 1} }`).join(' ');
    const startedAt = performance.now();
    expect(cost(`{ me { ...f0 } } ${doubling} fragment f40 on Person { friends { nodes { name } } }`)).toBe('TOO_COMPLEX');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
  it('is asked for one operation at a time', () => {
    expect(cost('query a { me { name } } query b { me { name } }')).toBe('BAD_REQUEST');
  });
});

describe('the shape of a text', () => {
  it('is bounded in nesting, words and length, brackets in strings and comments not counted', () => {
    expect(checkShape('{ me { name } }')).toBeUndefined();
    expect(checkShape('{'.repeat(100))).toMatch('nested deeper');
    expect(checkShape(`{ me(a: "${'{'.repeat(100)}\\"${'{'.repeat(100)}") # ${'('.repeat(100)}\n { name } }`)).toBeUndefined();
    expect(checkShape(`{ me(a: """${'{'.repeat(100)} " ${'['.repeat(100)}""") }`)).toBeUndefined();
    expect(checkShape('a '.repeat(5_000))).toMatch('words');
    expect(checkShape(' '.repeat(70_000))).toMatch('longer');
    expect(checkShape('"')).toBeUndefined();
    expect(checkShape('"""')).toBeUndefined();
  });
});

describe('the meter', () => {
  it('lets a burst through, then asks to wait, and forgets with time', () => {
    const clock = new SteppedClock();
    const meter = meterOn(clock);
    expect(meter.take('user:a', 150_000, true)).toBe(0);
    expect(meter.take('user:a', 100_000, true)).toBe(1);
    expect(meter.take('user:b', 100_000, true)).toBe(0);
    clock.step(1_000);
    expect(meter.take('user:a', 100_000, true)).toBe(0);
    expect(meter.take('ip:x', 6_000, false)).toBeGreaterThan(0);
  });
});
