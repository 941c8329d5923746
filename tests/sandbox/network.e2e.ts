/**
 * End to end on simulated Pis, with every layer of the committed stack file: one home from nothing to torn down, each test
 * on what the one before left. Beside the real cluster, ACME is really spoken and DNS-01 really validated; only Cloudflare
 * and the Internet's view of the home are the sandbox's own. The scenarios run in the order of these imports.
 */
import { suite } from "./scenarios/shared";
import { stopLoad } from "./scenarios/network/shared";
import "./scenarios/network/bring-up";
import "./scenarios/network/names";
import "./scenarios/network/sites";
import "./scenarios/network/apps";
import "./scenarios/network/calm";
import "./scenarios/network/public-names";
import "./scenarios/network/renewal";
import "./scenarios/network/losses";
import "./scenarios/network/traces";

suite({ end: stopLoad });
