/** Unit tests: everything under tests/ but the engine's and the sandbox's, which have commands of their own. */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  // Types are checked once, by tsc; here they are only taken out.
  transform: { "\\.ts$": ["ts-jest", { diagnostics: false, isolatedModules: true }] },
};
