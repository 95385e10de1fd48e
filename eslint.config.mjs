import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'runs', 'coverage', '.yarn'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ['packages/**/*.ts', 'tools/**/*.ts', 'examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Indexing is checked by the compiler (noUncheckedIndexedAccess); `!` says that an index is known to be in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    // What runs in browsers too: see `FOR_BROWSERS` in architecture.config.mjs, which checks the imports.
    files: ['packages/core/{nn.ts,nn/**,component/**,errors/**,random/**}', 'packages/blocks/{networks,losses}/**'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Buffer',
        'process',
        'global',
        'require',
        'setImmediate',
        '__dirname',
        '__filename',
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "TryStatement[handler] > BlockStatement.block CallExpression[callee.name='expect']",
          message: 'The catch would take a failed expectation for the error. Expect outside of the try.',
        },
        {
          selector: "CatchClause CallExpression[callee.name='expect']",
          message: 'Nothing is expected where nothing is thrown. Use toThrow, or catch first and expect then.',
        },
        {
          selector: "IfStatement CallExpression[callee.name='expect']",
          message: 'Where the condition does not hold, the test cannot fail. Expect in every case.',
        },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'A test is the same each time: draw from a seed.',
        },
        {
          selector: 'ImportSpecifier[imported.name=/^random(Bytes|Int|UUID)$/]',
          message: 'A test is the same each time: draw from a seed.',
        },
        {
          selector:
            "CallExpression[callee.object.name='tf'][callee.property.name=/^(randomUniform|randomNormal|truncatedNormal)$/][arguments.length<5]",
          message: 'A test is the same each time: give the seed.',
        },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'setTimeout', 'setInterval', 'clearInterval', 'performance'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
);
