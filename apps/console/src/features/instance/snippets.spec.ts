import { snippetsFor } from './snippets';

const reach = { host: '127.0.0.1', port: 20_001, username: 'default' };

test('every snippet names host and port, and the password only while it is known', () => {
  for (const { code } of snippetsFor({ ...reach, password: 's3cret' })) {
    expect(code).toContain('127.0.0.1');
    expect(code).toContain('20001');
    expect(code).toContain('s3cret');
  }
  for (const { code } of snippetsFor(reach)) expect(code).toContain('LARDER_PASSWORD');
});
