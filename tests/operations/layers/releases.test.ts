import { releaseFindings } from "../../../operations/layers/releases";
import { cluster, MINUTE, NOW } from "../kubernetes";

function revision(version: number, status: string, times: Readonly<Record<string, number>> = {}) {
  const labels = Object.fromEntries(Object.entries(times).map(([label, seconds]) => [label, String(NOW + seconds)]));
  return {
    namespace: "traefik",
    secret: `sh.helm.release.v1.traefik.v${version}`,
    labels: { name: "traefik", owner: "helm", status, version: String(version), ...labels },
  };
}

const found = (...revisions: ReturnType<typeof revision>[]) => releaseFindings(cluster({ revisions }));

test("a release whose newest revision is deployed is well, whatever happened before", () => {
  // As text, 10 would sort before 9.
  expect(found(revision(9, "failed"), revision(8, "superseded"), revision(10, "deployed"))).toEqual([]);
});

test.each(["pending-install", "pending-upgrade", "pending-rollback"])("%s: the command names the Secret", (status) => {
  expect(found(revision(1, "deployed"), revision(2, status, { createdAt: -20 * MINUTE }))).toEqual([
    expect.objectContaining({
      severity: "error",
      what: `Helm release traefik/traefik is ${status} for 20 minutes`,
      remedy: expect.stringContaining("`kubectl --namespace traefik delete secret sh.helm.release.v1.traefik.v2`"),
    }),
  ]);
});

test("while a `pulumi up` may still be at it, it is a warning", () => {
  const [finding] = found(revision(1, "pending-install", { createdAt: -20 * MINUTE, modifiedAt: -4 * MINUTE }));
  expect(finding).toMatchObject({ severity: "warning", what: expect.stringContaining("for 4 minutes") });
});

test("a failed release is a warning", () => {
  expect(found(revision(1, "superseded"), revision(2, "failed"))).toEqual([
    expect.objectContaining({ severity: "warning", what: "Helm release traefik/traefik failed at revision 2" }),
  ]);
});
