/** Engine tests: the real Pulumi CLI and the real Kubernetes provider. `npm test` makes both ready. */
module.exports = {
  ...require("./jest.config.js"),
  testMatch: ["**/*.engine.ts"],
  testTimeout: 120_000,
  maxWorkers: 1,
};
