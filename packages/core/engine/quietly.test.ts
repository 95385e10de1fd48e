import { expect, test } from '@jest/globals';
import { quietly, withoutChatter } from './quietly.ts';

test("TensorFlow's chatter goes, warnings and errors stay", () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
    'I0000 00:00:1795448487.971747   10151 port.cc:153] oneDNN custom operations are on.',
    'To enable the following instructions: AVX2, in other operations, rebuild TensorFlow.',
    'W0000 00:00:1795448487.971747   10151 gpu.cc:1] Could not find cuda drivers.',
    'terminate called',
    '',
  ];
  expect(withoutChatter(log.join('\n'))).toBe(`${log[3]}\nterminate called\n`);
});

test('from its loading on TensorFlow tells warnings only, and other processes are left alone', () => {
  const standardError = { redirect: (descriptor: number) => descriptor, restore: () => {} };
  const level = () => process.env['TF_CPP_MIN_LOG_LEVEL'];
  expect(level()).toBeUndefined();
  expect(quietly(standardError, level)).toBe('1');
  expect(level()).toBeUndefined();
});
