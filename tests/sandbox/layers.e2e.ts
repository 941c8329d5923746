/**
 * What is done to a home with every layer, and done wrong: an upgrade below them; then apps, tokens, pools, names and
 * addresses while sites are asked the whole time, until certificates were renewed. The scenarios run in the order of these
 * imports, each on what the one before left.
 */
import { suite } from "./scenarios/shared";
import { stopLoad } from "./scenarios/network/shared";
import "./scenarios/network/bring-up";
import "./scenarios/cluster";
import "./scenarios/upgrade";
import "./scenarios/network/apps";
import "./scenarios/network/calm";
import "./scenarios/network/public-names";
import "./scenarios/network/renewal";
import "./scenarios/network/losses";
import "./scenarios/network/traces";

suite({ end: stopLoad });
