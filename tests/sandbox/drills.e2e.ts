/**
 * The drills: what takes long and is tried less often. Each node in turn is lost and drained under load, the whole house
 * loses its power, and all layers are taken away and put back. The scenarios run in the order of these imports.
 */
import { suite } from "./scenarios/shared";
import { stopLoad } from "./scenarios/network/shared";
import "./scenarios/network/bring-up";
import "./scenarios/network/apps";
import "./scenarios/drills/nodes";
import "./scenarios/drills/layers";

suite({ end: stopLoad });
