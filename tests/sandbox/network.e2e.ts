/**
 * End to end on simulated Pis, with every layer of the committed stack file: from nothing to sites and names that any client
 * in the LAN finds. Beside the real cluster, ACME is really spoken and DNS-01 really validated; only Cloudflare and the
 * Internet's view of the home are the sandbox's own. Here is the main road; layers.e2e.ts leaves it. The scenarios run in
 * the order of these imports.
 */
import { suite } from "./scenarios/shared";
import "./scenarios/network/bring-up";
import "./scenarios/network/names";
import "./scenarios/network/sites";
import "./scenarios/network/traces";

suite();
