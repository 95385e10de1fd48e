/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: './tools/jest/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': './tools/jest/transform.mjs' },
  testMatch: ['<rootDir>/packages/**/*.test.ts', '<rootDir>/tools/**/*.test.ts', '<rootDir>/examples/**/*.test.ts'],
  resolver: '<rootDir>/tools/jest/resolver.mjs',
  setupFiles: ['<rootDir>/tools/jest/properties.mjs'],
  maxWorkers: 2,
  workerIdleMemoryLimit: '2GB',
};

export default config;
