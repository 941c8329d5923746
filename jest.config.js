/** Unit tests: everything under tests/ but the engine's and the sandbox's, which have commands of their own. */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  // Many tests run the hosts' scripts in a real bash: a busy machine takes its time, and only a hang takes longer than this.
  testTimeout: 30_000,
  // Types are checked once, by tsc; here they are only taken out.
  transform: { "\\.ts$": ["ts-jest", { diagnostics: false, isolatedModules: true }] },
};
