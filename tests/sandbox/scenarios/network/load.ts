/** The load that later scenarios look at: it goes on until one of them ends it. */
import { test } from "node:test";
import { startLoad } from "./shared";

test("a load of 20 requests a second and more is answered", async () => {
  await startLoad();
});
