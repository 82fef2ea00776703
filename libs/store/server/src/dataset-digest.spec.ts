import { scoreText } from './dataset-digest';

describe('scoreText', () => {
  // What printf("%.17g") writes.
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-3.5, '-3.5'],
    [0.1, '0.10000000000000001'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [-1.5e300, '-1.5000000000000001e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [5e-324, '4.9406564584124654e-324'],
    [123456789012345680, '1.2345678901234568e+17'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('writes %p as %s', (score, text) => {
    expect(scoreText(score)).toBe(text);
  });

  it('rounds a tie to the even digit as C does', () => {
    expect(scoreText(1234567890123.03125)).toBe('1234567890123.0312');
    expect(scoreText(1234567890123.09375)).toBe('1234567890123.0938');
  });
});
