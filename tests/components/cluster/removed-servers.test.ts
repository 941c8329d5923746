import { removedServersMessage } from "../../../components/cluster/removed-servers";
import { host } from "../../support/homes";

const node = (name: string, role: string): object => ({ name, role, address: "192.0.2.1" });

test("a missing server is named, with what to do instead", () => {
  const message = removedServersMessage([node("pi1", "server"), node("pi2", "server")], [host(1)], []);
  expect(message).toMatch(/^hosts: pi2 is a server of the running cluster/);
  expect(message).toContain("put its lines back");
  expect(message).toContain("new hostKey");
});

test("a server that became an agent is missing too", () => {
  expect(removedServersMessage([node("pi2", "server")], [host(1), host(2, "agent")], [])).toContain("pi2");
});

test.each([
  ["before the first up", undefined],
  ["with all servers there", [node("pi1", "server")]],
  ["with an agent removed", [node("pi1", "server"), node("pi9", "agent")]],
])("nothing is said %s", (_, nodes) => {
  expect(removedServersMessage(nodes, [host(1)], [])).toBeUndefined();
});

test("a server that left for good is not missed", () => {
  expect(removedServersMessage([node("pi2", "server")], [host(1)], ["pi2"])).toBeUndefined();
});
