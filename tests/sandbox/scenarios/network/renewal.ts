/** The end of the calm: certificates have renewed themselves, and no request of all that time has failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../lab";
import { describe } from "../../load/load";
import { runningLoad } from "./shared";

/** The sandbox's certificates live for 600 s, are renewed after 400 s, and cert-manager takes over two minutes for it. */
const RENEWAL_LIMIT_SECONDS = 600;

test("the wildcard certificate and an app's own renew themselves, and no request fails meanwhile", async () => {
  const load = runningLoad();
  for (const site of ["wildcard", "whoami"]) {
    await until(`a renewed certificate of ${site}`, RENEWAL_LIMIT_SECONDS, () =>
      Promise.resolve(load.serials(site).length >= 2),
    );
  }
  for (const name of load.names) {
    const figures = load.figures(name, load.startedAt);
    console.error(`${name}, two certificates renewed, five times \`up\`: ${describe(figures)}`);
    assert.equal(figures.failed, 0, `${name}: ${describe(figures)}`);
  }
});
