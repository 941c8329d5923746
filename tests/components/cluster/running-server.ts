import * as fs from "node:fs";
import * as path from "node:path";
import { StubbedHost } from "../../support/stubbed-host";

/** Where files and state of k3s lie on a host. */
export const STATE = "/var/lib/homelab/k3s";
export const STAGED = `${STATE}/staged`;
/** Holds who has the turn to restart, in place of the cluster's object. */
export const TURN = "/run/turn";
/** Holds when the kubelet has said last that its node is Ready; without it, that is always now. */
export const HEARTBEAT = "/run/heartbeat";
/** Holds when the kubelet has last said that it is alive, if it has. */
export const RENEWED = "/run/renewed";
/** In a stub: the list of all calls up to now. */
export const CALLS = '"$(dirname "$0")/../calls"';

/** kubectl, as far as the scripts ask it. */
export const K3S = `case "$*" in
  --version) echo "k3s version v1.25.4+k3s1 (abc)" ;;
  *kube-node-lease*) cat ${RENEWED} 2>/dev/null ;;
  *conditions*) echo "True $(cat ${HEARTBEAT} 2>/dev/null || echo 9999)" ;;
  *" create "*) cat >/dev/null; [ ! -e ${TURN} ] && printf pi1 >${TURN} ;;
  *"get lease"*) [ ! -e ${TURN} ] || cat ${TURN} ;;
  *"delete lease"*) rm ${TURN} ;;
esac`;

/** etcd's health, metrics and JSON; this server leads, and of the others one is still learning. */
const CURL = `case "$*" in
  */health) echo '{"health":"true"}' ;;
  */metrics) printf '%s\\n' 'etcd_server_is_leader 1' 'etcd_server_is_learner 0' ;;
  *:2382/*) exit 22 ;;
  */member/list) echo '{"header":{"cluster_id":"1","member_id":"11","raft_term":"2"},"members":[{"ID":"11","name":"pi1-a","clientURLs":["https://192.0.2.11:2379"]},{"ID":"21","name":"pi3-c","isLearner":true},{"ID":"22","name":"pi2-b","clientURLs":["https://192.0.2.12:2379"]}]}' ;;
esac`;

/** The server pi1, on which k3s runs and all is well, beside pi2 and pi3. */
export function server(): StubbedHost {
  const pi = new StubbedHost().stub("k3s", K3S).stub("curl", CURL).stub("check-api");
  for (const command of ["systemctl", "ip", "sleep", "journalctl", "keepalived"]) pi.stub(command);
  pi.stub("timeout", "exit 1");
  pi.write("/etc/systemd/system/k3s.service", "").write(`${STATE}/owned`, "");
  program(pi, "/usr/local/bin/k3s", "k3s");
  program(pi, "/usr/local/lib/homelab/check-api", "check-api");
  return installed(pi, ["192.0.2.12", "192.0.2.13"]);
}

/** Tells the host the addresses of the other servers. */
export function installed(pi: StubbedHost, others: readonly string[]): StubbedHost {
  return pi.write(`${STAGED}/servers`, others.map((address) => `${address}\n`).join(""));
}

/** Puts a stub at the place where a script calls it by. */
export function program(pi: StubbedHost, place: string, stub: string): void {
  pi.write(place, `#!/bin/sh\nexec ${stub} "$@"\n`);
  fs.chmodSync(path.join(pi.root, place), 0o755);
}
