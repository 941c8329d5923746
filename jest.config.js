/** Unit tests: everything under tests/ but the engine's and the sandbox's, which have commands of their own. */
module.exports = {
  testEnvironment: "node",
  // Pulumi's gRPC stubs live on the global object and are used until the process ends.
  testEnvironmentOptions: { globalsCleanup: "off" },
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  transform: { "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
};
