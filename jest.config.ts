/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: './tools/jest/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': './tools/jest/transform.mjs' },
  testMatch: ['<rootDir>/packages/**/*.test.ts', '<rootDir>/tools/**/*.test.ts', '<rootDir>/examples/**/*.test.ts'],
  setupFiles: ['<rootDir>/tools/jest/properties.mjs'],
  maxWorkers: 3, // many tests wait for processes that they start
  workerIdleMemoryLimit: '2GB',
};

export default config;
