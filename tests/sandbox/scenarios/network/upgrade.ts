/** Another k3s release under load: what sites and names see of it. */
import { test } from "node:test";
import { over } from "../../load/load";
import "./load";
import "../upgrade";
import { LIMITS, judge } from "./power";
import { runningLoad, stopLoad } from "./shared";

test(`sites and names went on during the upgrade: at most ${LIMITS.drain} s without answers`, async () => {
  const { startedAt } = runningLoad();
  const to = Date.now();
  await over(to);
  judge("three servers upgraded", startedAt, to, LIMITS.drain);
  stopLoad();
});
